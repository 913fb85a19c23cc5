// @vitest-environment node
import { expect, test, vi } from 'vitest'
import { reconnectDelayMs } from '../src/lib/backoff.ts'

/** The shortest and the longest wait that chance can make of it. */
function bounds(failures: number, code: number): [number, number] {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0)
  const least = reconnectDelayMs(failures, code)
  random.mockReturnValue(1)
  return [least, reconnectDelayMs(failures, code)]
}

test('waits double from half a second to a second, up to 15 s', () => {
  expect([0, 1, 2, 3, 4, 5].map((failures) => bounds(failures, 1006))).toEqual([
    [500, 1_000],
    [1_000, 2_000],
    [2_000, 4_000],
    [4_000, 8_000],
    [7_500, 15_000],
    [7_500, 15_000],
  ])
})

test('a thousand failures still wait 15 s at most', () => {
  expect(bounds(1_000, 1006)).toEqual([7_500, 15_000])
})

test('pages that lost the connection together reconnect apart', () => {
  expect(new Set(Array.from({ length: 100 }, () => reconnectDelayMs(3, 1006))).size).toBeGreaterThan(90)
})

test('it reconnects within a second after a service restart', () => {
  expect(bounds(0, 1012)).toEqual([100, 1_000])
})

test('a server that keeps restarting counts as failing', () => {
  expect(bounds(3, 1012)).toEqual(bounds(3, 1006))
})

test('a server that asks for time gets it', () => {
  expect(bounds(0, 1013)).toEqual([5_000, 15_000])
})
