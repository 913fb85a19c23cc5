import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seen } from '../src/db/repositories/seen.ts'
import { countsMessage } from '../src/services/hub/counts.ts'
import { deadlineVerdict, type Situation } from '../src/services/hub/deadline.ts'
import { game } from './game.ts'

/** Ada and Bob have joined, the question of 20 seconds is open; times count from its opening. */
function open() {
  const event = game()
  for (const name of ['Ada', 'Bob']) event.join(name)
  event.open(0)
  return event
}

function row(now: number, changes: Partial<Seen> = {}): Seen {
  return {
    task: 'other',
    connected: 1,
    unanswered: 0,
    hosts: 0,
    screens: 0,
    version: 1,
    release: 'r',
    draining: false,
    at: now,
    ...changes,
  }
}

/** @param after milliseconds after the opening */
function verdict(after: number, changes: Partial<Situation> & { rows?: (now: number) => Seen[] } = {}) {
  const { state, now: opened } = open()
  const now = opened() + after
  const { rows, ...others } = changes
  return deadlineVerdict({
    state: state(),
    now,
    connected: 2,
    unanswered: 2,
    others: { rows: rows?.(now) ?? [], readAt: now },
    draining: false,
    hasHost: true,
    ...others,
  })
}

for (const [what, after, changes, wanted] of [
  ['the question is open', 10_000, {}, 'wait'],
  ['the time is up, but taps are on their way', 21_999, {}, 'wait'],
  ['two seconds after the closing time', 22_000, {}, 'close'],
  ['the other tasks were not read yet', 22_000, { others: undefined }, 'look'],
  ['they were read before the closing time', 22_500, { others: { rows: [], readAt: 0 } }, 'look'],
  ['they cannot be read for ten seconds', 30_000, { others: undefined }, 'close'],
  ['the time is up, but this task drains', 22_000, { draining: true }, 'wait'],
  ['everybody has answered', 10_000, { unanswered: 0 }, 'close'],
  [
    'everybody has answered, but the others were read before the last answer',
    10_000,
    { unanswered: 0, others: { rows: [], readAt: 0 } },
    'look',
  ],
  ['everybody has answered, and no host is here', 10_000, { unanswered: 0, hasHost: false }, 'wait'],
  ['nobody is connected', 10_000, { unanswered: 0, connected: 0 }, 'wait'],
  ['everybody has answered, before it opens', -1, { unanswered: 0 }, 'wait'],
] as const) {
  test(`${what}: ${wanted}`, () => assert.equal(verdict(after, changes), wanted))
}

for (const [what, change, after, wanted] of [
  ['drains', { draining: true }, 22_000, 'look'],
  ['drains for too long', { draining: true }, 30_000, 'close'],
  ['is well', {}, 22_000, 'close'],
] as const) {
  test(`the time is up and another task ${what}: ${wanted}`, () => {
    assert.equal(verdict(after, { rows: (now) => [row(now, change)] }), wanted)
  })
}

for (const [silence, wanted] of [
  [1_499, 'close'],
  [1_500, 'look'],
  [14_999, 'look'],
  [15_000, 'close'],
] as const) {
  test(`the time is up and another task is silent for ${silence} ms: ${wanted}`, () => {
    assert.equal(verdict(22_000, { rows: (now) => [row(now, { at: now - silence })] }), wanted)
  })
}

test('the time is up and another task was well a moment before this one paused: close', () => {
  const readAt = open().now() + 22_000
  assert.equal(verdict(24_500, { others: { rows: [row(readAt - 1_000)], readAt } }), 'close')
})

for (const [what, change, wanted] of [
  ['has nobody left to answer', {}, 'close'],
  ['has a player who has not answered', { unanswered: 1 }, 'wait'],
  ['has not seen the question yet', { version: 0 }, 'wait'],
  ['has not seen the question, but has no player', { version: 0, connected: 0 }, 'close'],
] as const) {
  test(`everybody here has answered and another task ${what}: ${wanted}`, () => {
    assert.equal(verdict(10_000, { unanswered: 0, rows: (now) => [row(now, change)] }), wanted)
  })
}

test('everybody here has answered and another task fell silent: its players are waited for, 15 s', () => {
  const silent = (silence: number) =>
    verdict(10_000, { unanswered: 0, rows: (now) => [row(now, { at: now - silence, unanswered: 1 })] })
  assert.deepEqual([silent(14_999), silent(15_000)], ['wait', 'close'])
})

test('a host who closes leaves taps on their way two seconds', () => {
  const { state, command, now, wait } = open()
  wait(4_000)
  command('close')
  const at = (after: number) =>
    deadlineVerdict({
      state: state(),
      now: now() + after,
      connected: 2,
      unanswered: 2,
      others: { rows: [], readAt: now() + after },
      draining: false,
      hasHost: true,
    })
  assert.deepEqual([at(1_999), at(2_000)], ['wait', 'close'])
})

test('counts add up the tasks that were heard of in the last 15 seconds', () => {
  const { state, answer, close, now } = open()
  answer(1, 0, [1])
  const here = { connected: 1, hosts: 1, screens: 0, draining: false, unread: 0 }
  const others = {
    readAt: now(),
    rows: [
      row(now(), { connected: 2, screens: 1 }),
      row(now() - 6_999, { connected: 3, draining: true }),
      row(now() - 7_000, { connected: 0 }),
      row(now() - 16_000, { connected: 100 }),
    ],
  }
  assert.deepEqual(countsMessage(state(), here, others, now()), {
    type: 'counts',
    question: 0,
    answered: 1,
    connected: 6,
    hosts: 1,
    screens: 1,
    distribution: null,
    tasks: 4,
    draining: 1,
    silent: 1,
  })
  close()
  assert.deepEqual(countsMessage(state(), here, others, now()).distribution, [0, 1, 0])
})
