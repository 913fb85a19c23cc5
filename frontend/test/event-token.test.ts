import { beforeEach, expect, test } from 'vitest'
import { dropEventToken, keepEventToken, takeEventToken } from '../src/lib/event-token.ts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

test('the token moves from the address bar into storage', () => {
  history.replaceState({ kept: true }, '', '/host/e1?from=mail#token-1')
  expect(takeEventToken('host', 'e1')).toBe('token-1')
  expect(location.href).toMatch(/\/host\/e1\?from=mail$/)
  expect(history.state).toEqual({ kept: true })
})

test('a reload without it still finds it', () => {
  history.replaceState(null, '', '/host/e1#token-1')
  takeEventToken('host', 'e1')
  expect(takeEventToken('host', 'e1')).toBe('token-1')
})

test('another tab finds a token that has let someone in, which replaces the old one', () => {
  localStorage.setItem('live-quiz:host:e1', 'token-1')
  history.replaceState(null, '', '/host/e1#token-2')
  takeEventToken('host', 'e1')
  keepEventToken('host', 'e1', 'token-2')
  sessionStorage.clear()
  expect(takeEventToken('host', 'e1')).toBe('token-2')
  expect(dropEventToken('host', 'e1', 'token-2')).toBeUndefined()
})

test('a token that lets nobody in gives way to the last one that did', () => {
  localStorage.setItem('live-quiz:host:e1', 'token-2')
  history.replaceState(null, '', '/host/e1#token-1')
  expect(takeEventToken('host', 'e1')).toBe('token-1')
  expect(dropEventToken('host', 'e1', 'token-1')).toBe('token-2')
  expect(takeEventToken('host', 'e1')).toBe('token-2')
})

test('host and screen, and each event, have a token of their own', () => {
  history.replaceState(null, '', '/host/e1#token-1')
  takeEventToken('host', 'e1')
  expect([takeEventToken('screen', 'e1'), takeEventToken('host', 'e2')]).toEqual([undefined, undefined])
})
