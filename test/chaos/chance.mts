import { createHash } from 'node:crypto'

const { SEED, MINUTES } = process.env

/** How long the run may take, without what it deploys first; undefined: it has a fixed number of cases. */
export const minutes = MINUTES ? Number(MINUTES) : undefined

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

/** Numbers of the cases of a part: so many, or those that fit into its share of the minutes. */
export function* numbersOf({ cases, share }: { cases: number; share: number }): Generator<number> {
  const end = Date.now() + (minutes ?? 0) * share * 60_000
  for (let number = 1; minutes === undefined ? number <= cases : number === 1 || Date.now() < end; number++)
    yield number
}
