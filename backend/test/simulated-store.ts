import type { Appended, LogItem, LogRepository } from '../src/db/repositories/log.ts'
import type { Clock } from '../src/services/log/clock.ts'

/**
 * What happens to a call.
 * lost: its answer never comes; the caller's time-out says that. unsent: it never arrives. late: it arrives when the
 * caller has given up. twice: its first answer is lost, and the SDK sends it again. throttled: refused before it is done.
 */
export interface Fate {
  kind: 'fine' | 'lost' | 'unsent' | 'late' | 'twice' | 'throttled'
  /** Milliseconds on the way there and back. */
  there: number
  back: number
}

/** The client's, in milliseconds. */
const timeOut = 3_000

/** A conditional store of one log, behind a network that does with each call what the next fate says. */
export function simulatedStore(clock: Clock, nextFate: () => Fate) {
  const items: LogItem[] = []

  /** Puts the item at its number if nothing is there, in one instant. */
  function put(item: LogItem): 'written' | 'taken' {
    if (items.length >= item.number) return 'taken'
    if (items.length + 1 !== item.number) throw new Error(`item ${item.number} after item ${items.length}`)
    // what is stored is a copy, as on a wire
    items.push(structuredClone(item))
    return 'written'
  }

  async function deliver(item: LogItem, after: number): Promise<'written' | 'taken'> {
    await clock.sleep(after)
    return put(item)
  }

  async function unknown(reason: string, after: number): Promise<Appended> {
    await clock.sleep(after)
    return { outcome: 'unknown', error: new Error(reason) }
  }

  const repository: LogRepository = {
    async append(_id, item) {
      const { kind, there, back } = nextFate()
      switch (kind) {
        case 'unsent':
          return await unknown('timed out', timeOut)
        case 'throttled':
          return await unknown('throttled', there + back)
        case 'lost':
          void deliver(item, there)
          return await unknown('timed out', timeOut)
        case 'late':
          void deliver(item, timeOut + there)
          return await unknown('timed out', timeOut)
        case 'twice':
          await deliver(item, there)
          await clock.sleep(timeOut / 2)
          put(item)
          return { outcome: 'taken' }
        case 'fine': {
          const outcome = await deliver(item, there)
          await clock.sleep(back)
          return { outcome }
        }
      }
    },

    async read(_id, after) {
      const { kind, there, back } = nextFate()
      if (kind === 'throttled' || kind === 'unsent' || kind === 'lost') {
        await clock.sleep(kind === 'throttled' ? there + back : timeOut)
        throw new Error(kind)
      }
      await clock.sleep(there)
      const found = structuredClone(items.slice(after))
      await clock.sleep(back)
      return found
    },

    keepUntil: () => Promise.reject(new Error('not part of the model')),
    remove: () => Promise.reject(new Error('not part of the model')),
  }
  return { items, repository }
}
