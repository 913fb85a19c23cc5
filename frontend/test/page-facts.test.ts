import { expect, test } from 'vitest'
import { releaseOf } from '../src/config/release.ts'
import { socketUrl } from '../src/lib/socket-url.ts'

const page = (head: string) => new DOMParser().parseFromString(`<head>${head}</head>`, 'text/html')

test('the release is what the deployment wrote into the page', () => {
  expect(releaseOf(page('<meta name="release" content="20261123T090000Z-cbcf593">'))).toBe('20261123T090000Z-cbcf593')
})

test.each(['<meta name="release" content="">', ''])('a page that nobody deployed is in development: %j', (head) => {
  expect(releaseOf(page(head))).toBe('development')
})

test('a page from https uses wss', () => {
  expect(socketUrl('/ws', { protocol: 'https:', host: 'd123.cloudfront.net' })).toBe('wss://d123.cloudfront.net/ws')
})

test('a page from http uses ws, on its own port', () => {
  expect(socketUrl('/ws', { protocol: 'http:', host: '127.0.0.1:4580' })).toBe('ws://127.0.0.1:4580/ws')
})
