import { createHash } from 'node:crypto'

const { SEED, MINUTES } = process.env

/** How long the run may take, without what it deploys first. */
export const minutes = Number(MINUTES || 4)

/**
 * The seed of this run: the same one breaks the same things at the same moments. The short run of the test suite is the same
 * each time.
 */
export const seed = Number(SEED || (MINUTES ? Date.now() % 1_000_000 : 1))

/** A number from 0 up to 1 that only the seed and the words decide. */
export function chance(...words: (string | number)[]): number {
  return (
    createHash('sha256')
      .update([seed, ...words].join(' '))
      .digest()
      .readUInt32BE() /
    2 ** 32
  )
}

/** One of them, by the seed. */
export function pick<T>(items: readonly T[], ...words: (string | number)[]): T {
  return items[Math.floor(chance(...words) * items.length)]!
}

/** In an order that only the seed decides. */
export function shuffled<T>(items: T[], name: (item: T) => string): T[] {
  return items.toSorted((one, other) => chance(name(one)) - chance(name(other)))
}

/** Whether there is time for another case, in a part of the run that may take this share of it. */
export function clockOf(share: number): () => boolean {
  const end = Date.now() + minutes * share * 60_000
  return () => Date.now() < end
}
