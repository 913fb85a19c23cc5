import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

const source = readFileSync(join(import.meta.dirname, '../lib/spa-fallback.js'), 'utf8')

/** Runs the function as CloudFront does: its text alone, an event in, a request out. */
function rewritten(uri: string): string {
  const event = { request: { method: 'GET', uri, querystring: { code: { value: '1' } }, headers: {} } }
  const request = runInNewContext(`${source}\nhandler(event)`, { event }) as typeof event.request
  assert.deepEqual({ ...request, uri }, { method: 'GET', uri, querystring: { code: { value: '1' } }, headers: {} })
  return request.uri
}

for (const uri of ['/', '/join', '/join/', '/quiz/42/results', '/v1.2/join', '/assets/', '/well-known/join']) {
  test(`a place in the app is answered with its document: ${uri}`, () => {
    assert.equal(rewritten(uri), '/index.html')
  })
}

for (const uri of [
  '/index.html',
  '/favicon.svg',
  '/assets/index-D3adb33f.js',
  '/.well-known/security.txt',
  '/.well-known/apple-app-site-association',
  '/.well-known/acme-challenge/token',
  '/a/b.c/d.map',
]) {
  test(`a file is itself, there or not: ${uri}`, () => {
    assert.equal(rewritten(uri), uri)
  })
}

test('the function is below the 10 KB that CloudFront takes', () => {
  assert.ok(Buffer.byteLength(source) <= 10_240)
})
