import { beforeEach, expect, test } from 'vitest'
import { forgetOldTickets } from '../src/features/play/last-day.ts'
import { keepTicket, readTicket } from '../src/features/play/tickets.ts'
import { openOutbox } from '../src/lib/outbox.ts'
import { playerSnapshot } from './snapshots.ts'

const day = 86_400_000
const start = 1_800_000_000_000
const ticket = (id: string) => ({ event: id, token: `token-${id}`, name: 'Ada' })
const { event } = playerSnapshot()

beforeEach(() => {
  localStorage.clear()
  for (const id of ['e1', 'e0']) keepTicket(ticket(id))
  const given = { 'token-e1': start + day, 'token-e0': start, 'of another tab': start }
  for (const [token, at] of Object.entries(given)) openOutbox(token).add({ id: 'a1', question: 0, choices: [1], at })
  localStorage.setItem('live-quiz:unsaved:new', '{}')
  forgetOldTickets(event, false, start)
})

test('a player stays one until the days are over', () => {
  forgetOldTickets(event, false, start + 29 * day)
  expect([readTicket('e0'), readTicket('e1')]).toEqual([ticket('e0'), ticket('e1')])
})

test('an answer on its way stays until the days are over, also when another tab has joined as someone else', () => {
  forgetOldTickets(event, false, start + 29 * day)
  expect(openOutbox('of another tab').waiting()).toHaveLength(1)
})

test('an event of which the days are over leaves the browser, with its answers, when another one is played', () => {
  forgetOldTickets(event, false, start + 30 * day)
  const kept = ['live-quiz:answers:token-e1', 'live-quiz:player:e1', 'live-quiz:unsaved:new']
  expect(Object.keys(localStorage).toSorted()).toEqual(kept)
  expect(readTicket('e0')).toBeUndefined()
})

test('looking at the end does not count the days again', () => {
  forgetOldTickets(event, true, start + 29 * day)
  forgetOldTickets(event, true, start + 30 * day)
  expect([readTicket('e0'), readTicket('e1')]).toEqual([undefined, undefined])
})
