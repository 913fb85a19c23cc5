/** Close codes by which a server asks for a pace: https://www.iana.org/assignments/websocket */
const serviceRestart = 1012
const tryAgainLater = 1013

/** A connection that lasted this long was a good one: the next failure counts as the first. */
export const steadyMs = 20_000
/** However often the page wakes, attempts are at least this far apart. */
export const attemptsApartMs = 1_000

const firstMs = 1_000
const longestMs = 15_000
/** More restarts in a row than this are not a rolling deployment any more. */
const quickReturns = 3

/**
 * Milliseconds to wait before the next connection, after `failures` that followed each other.
 * Doubles up to 15 s; never under half of that, so that nobody hammers, and random above it, so that a room full of
 * pages does not come back in the same instant. After a service restart another task is ready: back within a second.
 */
export function reconnectDelayMs(failures: number, closeCode: number): number {
  if (closeCode === serviceRestart && failures < quickReturns) return between(100, 1_000)
  if (closeCode === tryAgainLater) return between(5_000, longestMs)
  const ceiling = Math.min(longestMs, firstMs * 2 ** failures)
  return between(ceiling / 2, ceiling)
}

function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}
