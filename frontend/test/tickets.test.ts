import { beforeEach, expect, test } from 'vitest'
import { forgetOldTickets, keepTicket, readTicket } from '../src/features/play/tickets.ts'
import { openOutbox } from '../src/lib/outbox.ts'

const ticket = (event: string, until?: number) => ({ event, token: 'secret', name: 'Ada', until })

beforeEach(() => localStorage.clear())

test('a ticket whose days are over is none any more, and has left the browser', () => {
  keepTicket(ticket('old', Date.now() - 1))
  expect(readTicket('old')).toBeUndefined()
  expect(localStorage).toHaveLength(0)
})

test('when the site is opened, players of events that were deleted are forgotten, with their answers', () => {
  for (const event of ['old', 'new']) {
    keepTicket(ticket(event, Date.now() + (event === 'old' ? -1 : 60_000)))
    openOutbox(event).add({ id: 'a1', question: 0, choices: [1], at: 0 })
  }
  localStorage.setItem('live-quiz:unsaved:new', 'work')
  forgetOldTickets()
  const kept = ['live-quiz:answers:new', 'live-quiz:player:new', 'live-quiz:unsaved:new']
  expect(Object.keys(localStorage).toSorted()).toEqual(kept)
})

test('a ticket of an older release has no last day, and is kept', () => {
  keepTicket(ticket('e1'))
  forgetOldTickets()
  expect(readTicket('e1')).toEqual(ticket('e1'))
})
