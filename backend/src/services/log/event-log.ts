import type { LogItem, LogRepository } from '../../db/repositories/log.ts'
import { foldItem } from '../game/fold.ts'
import type { EventState } from '../game/state.ts'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'

/** What is written in the last so many seconds of a log keeps it for all its days again: an event must not vanish in the middle. */
const lastHours = 12 * 3_600

/** Called after an item was folded in. */
type ItemListener = (item: LogItem, state: EventState) => void

/** The task stops: what is not at its place in the log now is not written by it any more. */
export class LogClosed extends Error {
  override readonly name = 'LogClosed'
}

export type EventLog = ReturnType<typeof createEventLog>

/** The log was erased or has expired while it was in use. */
export class LogGone extends Error {
  override readonly name = 'LogGone'
}

/**
 * The log of one event as far as this task has read it, folded. Whatever comes out of the table comes in through
 * `absorb`, in order and once, whether the tail, the writer or the load has read it.
 */
export function createEventLog(id: string, repository: Pick<LogRepository, 'read'>, clock: Clock, log: Log) {
  const listeners: ItemListener[] = []
  const failed = new AbortController()
  /** By task, when this task last folded an item of it. */
  const writers = new Map<string, number>()
  let state: EventState | undefined
  let failure: Error | undefined
  let expiresAt = 0
  let lastItemAt = clock.now()
  let lastReadAt = clock.now()

  /** From now on nothing is folded or written: what is in the log, or is missing in it, cannot be read by this release. */
  function fail(error: Error): void {
    failure ??= error
    failed.abort()
  }

  /** A defect of one that listens must not keep the item from the others, nor end the task with all its events. */
  function tell(hear: ItemListener, item: LogItem, current: EventState): void {
    try {
      hear(item, current)
    } catch (error) {
      log.error('an item of the log was not heard', { event: id, number: item.number, stack: (error as Error).stack })
    }
  }

  /** Folds the items that are new; throws, and fails for good, at the first that this release does not understand. */
  function absorb(items: readonly LogItem[]): void {
    for (const item of items) {
      if (failure) throw failure
      if (item.number <= (state?.number ?? 0)) continue
      try {
        state = foldItem(state, item)
      } catch (error) {
        fail(error as Error)
        throw error
      }
      // the days are counted again from the end; an item that is appended after it expires with all others. Nothing but the
      // log decides, so every task writes its next item with the same time, and the lease moves those that are there
      const isLate = item.at / 1_000 > expiresAt - lastHours
      const from = state.endedAt ?? (isLate ? item.at : undefined)
      if (from !== undefined) expiresAt = Math.ceil(from / 1_000) + state.created.retentionDays * 86_400
      lastItemAt = clock.now()
      writers.set(item.by, lastItemAt)
      for (const hear of listeners) tell(hear, item, state)
    }
  }

  /** Reads what is new; rejects with the SDK's error, or as `absorb` does. */
  async function catchUp(): Promise<void> {
    if (failure) throw failure
    const asked = clock.now()
    absorb(await repository.read(id, state?.number ?? 0))
    lastReadAt = asked
  }

  return {
    id,
    absorb,
    fail,

    /** Of the last item that was absorbed; the same object, changed by each. Undefined: the log is empty. */
    get state(): EventState | undefined {
      return state
    },
    get failure(): Error | undefined {
      return failure
    },
    /** Aborted when nothing more is folded; the reason is `failure`. */
    failed: failed.signal,
    /** When each item of the log expires, in seconds; the end moves it, and so does what is written in its last hours. */
    get expiresAt(): number {
      return expiresAt
    },
    /** When an item was last absorbed, and when the table was last asked; milliseconds. */
    get lastItemAt(): number {
      return lastItemAt
    },
    get lastReadAt(): number {
      return lastReadAt
    },

    hear(listener: ItemListener): void {
      listeners.push(listener)
    },

    /** Tasks of which an item came in the last so many milliseconds. */
    writersWithin(milliseconds: number): number {
      const since = clock.now() - milliseconds
      for (const [by, at] of writers) if (at < since) writers.delete(by)
      return writers.size
    },

    catchUp,

    /** The same for a log that was not followed meanwhile. Fails with LogGone when it was erased or has expired. */
    async revive(): Promise<void> {
      if (!state) return await catchUp()
      const asked = clock.now()
      const items = await repository.read(id, state.number - 1)
      lastReadAt = asked
      if (items.length > 0) return absorb(items)
      fail(new LogGone(`the log of ${id} was erased or has expired`))
      throw failure
    },
  }
}
