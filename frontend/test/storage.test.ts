import { beforeEach, expect, test, vi } from 'vitest'
import { dropUnsavedWork, keepUnsavedWork, unsavedNewQuizzes } from '../src/features/editor/unsaved-work.ts'
import { keepTicket, readTicket } from '../src/features/play/tickets.ts'
import { forgetAdminSecret, keepAdminSecret, readAdminSecret } from '../src/lib/admin-secret.ts'
import { takeEventToken } from '../src/lib/event-token.ts'
import { openOutbox } from '../src/lib/outbox.ts'
import { reloadOnce } from '../src/lib/reload-once.ts'

const answer = { id: 'a1', question: 0, choices: [1], at: 1_000 }

/** As browsers do when cookies are blocked. */
const refuse = () => {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}
/** As a web view in an app. */
const none = () => null as unknown as Storage

beforeEach(() => history.replaceState(null, '', '/host/e1#token-1'))

test.each([
  ['forbids', refuse],
  ['has no', none],
])('a browser that %s storage keeps nothing, and everything else works', (_, get) => {
  vi.spyOn(window, 'localStorage', 'get').mockImplementation(get)
  vi.spyOn(window, 'sessionStorage', 'get').mockImplementation(get)
  expect(keepTicket({ event: 'e1', token: 'token', name: 'Ada' })).toBe(false)
  expect(readTicket('e1')).toBeUndefined()
  const outbox = openOutbox('e1')
  expect(outbox.add(answer)).toBe(false)
  expect(outbox.waiting()).toEqual([answer])
  expect(keepUnsavedWork('q1', { base: 1, quiz: 'a quiz', at: 1_000 })).toBe(false)
  dropUnsavedWork('q1', 1)
  expect(unsavedNewQuizzes()).toEqual([])
  keepAdminSecret('secret')
  forgetAdminSecret()
  expect(readAdminSecret()).toBeUndefined()
  expect(reloadOnce('chunk')).toBe(false)
  expect(takeEventToken('host', 'e1')).toBe('token-1')
})

test('where storage is full, the token of a new link counts, and stays in the address for a reload', () => {
  localStorage.setItem('live-quiz:host:e1', 'token-0')
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('quota', 'QuotaExceededError')
  })
  expect(takeEventToken('host', 'e1')).toBe('token-1')
  expect(location.hash).toBe('#token-1')
})
