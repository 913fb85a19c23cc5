import { beforeEach, expect, test } from 'vitest'
import { takeEventToken } from '../src/lib/event-token.ts'

beforeEach(() => localStorage.clear())

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

test('a new link replaces the old token', () => {
  history.replaceState(null, '', '/host/e1#token-1')
  takeEventToken('host', 'e1')
  history.replaceState(null, '', '/host/e1#token-2')
  expect(takeEventToken('host', 'e1')).toBe('token-2')
  history.replaceState(null, '', '/host/e1')
  expect(takeEventToken('host', 'e1')).toBe('token-2')
})

test('host and screen, and each event, have a token of their own', () => {
  history.replaceState(null, '', '/host/e1#token-1')
  takeEventToken('host', 'e1')
  expect([takeEventToken('screen', 'e1'), takeEventToken('host', 'e2')]).toEqual([undefined, undefined])
})
