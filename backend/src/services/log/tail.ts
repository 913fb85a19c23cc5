import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import type { EventLog } from './event-log.ts'

/** Milliseconds between two reads of a log. */
const fastest = 100
const perEvent = 20
const slowest = 1_000
export const longestPeriod = 5_000
/** Up to so many live events are all read as fast as that. */
const fewEvents = 5
/** A log without a new item for so long, in milliseconds, sleeps. */
const sleepsAfter = 10 * 60_000

/** How long to wait before an event's log is read again, in milliseconds. */
export function tailPeriod(liveEvents: number, sinceLastItem: number): number {
  if (sinceLastItem >= sleepsAfter) return longestPeriod
  return liveEvents <= fewEvents ? fastest : Math.min(slowest, perEvent * liveEvents)
}

interface TailOptions {
  clock: Clock
  log: Log
  /** Events that this task follows. */
  liveEvents(): number
  signal: AbortSignal
}

/**
 * Reads what other tasks have written, until the signal is aborted or the log is not understood. While the table does
 * not answer it keeps asking, and says so once at the beginning and once at the end.
 */
export async function followLog(eventLog: EventLog, { clock, log, liveEvents, signal }: TailOptions): Promise<void> {
  const ended = AbortSignal.any([signal, eventLog.failed])
  let isOut = false
  while (!ended.aborted) {
    await clock.sleep(tailPeriod(liveEvents(), clock.now() - eventLog.lastItemAt), ended)
    if (ended.aborted) return
    try {
      await eventLog.catchUp()
      if (isOut) log.info('the log is read again', { event: eventLog.id })
      isOut = false
    } catch (error) {
      if (eventLog.failure) return
      if (!isOut) log.warn('the log could not be read', { event: eventLog.id, error })
      isOut = true
    }
  }
}
