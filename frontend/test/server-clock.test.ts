// @vitest-environment node
import { beforeEach, expect, test } from 'vitest'
import { createServerClock, type ServerClock } from '../src/lib/server-clock.ts'

let time: number
let clock: ServerClock

beforeEach(() => {
  time = 1_000
  clock = createServerClock(() => time)
})

/** A round trip to a server that is ahead, with these milliseconds there and back. */
function measure(ahead: number, there: number, back: number) {
  const sent = time
  const now = sent + there + ahead
  time += there + back
  clock.answered(sent, now)
}

test('half of the round trip is the way back', () => {
  measure(5_000, 40, 40)
  expect(clock.now()).toBe(time + 5_000)
})

test('the lowest round trip gives the offset', () => {
  measure(5_000, 400, 20)
  measure(5_000, 10, 10)
  measure(5_000, 20, 600)
  expect(clock.now()).toBe(time + 5_000)
})

test('what the server said in passing is used until a round trip is known', () => {
  clock.told(9_000)
  expect(clock.now()).toBe(9_000)
  measure(5_000, 10, 10)
  clock.told(1)
  expect(clock.now()).toBe(time + 5_000)
})

test.each([60_000, -60_000, 700])('a clock that was set by %d ms counts from the next round trip on', (set) => {
  measure(5_000, 5, 5)
  time += set
  measure(5_000 - set, 50, 50)
  expect(clock.now()).toBe(time + 5_000 - set)
})

test('a long way in one direction is no clock that was set', () => {
  measure(5_000, 5, 5)
  measure(5_000, 3_000, 10)
  expect(clock.now()).toBe(time + 5_000)
})

test('a round trip during which the clock was set back is not used', () => {
  measure(5_000, 10, 10)
  clock.answered(time + 500, 1)
  expect(clock.now()).toBe(time + 5_000)
})
