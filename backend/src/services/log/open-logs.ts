import type { LogRepository } from '../../db/repositories/log.ts'
import { LogNotUnderstood } from '../game/fold.ts'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import { createEventLog, type EventLog, LogClosed, LogGone } from './event-log.ts'
import { followLog } from './tail.ts'
import { createWriter, type Writer } from './writer.ts'

/** An event stays in memory for so long after its last socket, in milliseconds. */
const keptFor = 5 * 60_000
/** So long, in milliseconds, after a defect, which may have passed when the event is loaded again. */
const keptAfterDefect = 10_000

/** An event that is held: it is followed, and stays, until it is released. */
export interface HeldLog {
  eventLog: EventLog
  writer: Writer
  /** Once for each `hold`. */
  release(): void
}

interface Entry {
  eventLog: EventLog
  writer: Writer
  holders: number
  /** Under way while the log is read from the table because someone asked for it; shared by all who ask. */
  reading: Promise<void> | undefined
  /** Ends the tail. */
  tail: AbortController | undefined
  /** Ends the wait for being dropped. */
  dropping: AbortController | undefined
}

interface OpenLogsOptions {
  /** The task's id. */
  task: string
  repository: LogRepository
  clock: Clock
  log: Log
  /** As Math.random. */
  random?: () => number
}

export type OpenLogs = ReturnType<typeof createOpenLogs>

/** The logs of the events that have sockets on this task, or had some in the last five minutes. */
export function createOpenLogs({ repository, clock, log, ...options }: OpenLogsOptions) {
  const entries = new Map<string, Entry>()
  /** Each is reported once, however often it is dropped and asked for again. */
  const notUnderstood = new Set<string>()
  let conflictsOfDropped = 0
  let followed = 0

  function enter(id: string): Entry {
    const eventLog = createEventLog(id, repository, clock, log)
    const writer = createWriter(eventLog, { repository, clock, log, ...options })
    const entry: Entry = { eventLog, writer, holders: 0, reading: undefined, tail: undefined, dropping: undefined }
    eventLog.failed.addEventListener('abort', () => {
      if (eventLog.failure instanceof LogClosed) return
      if (isGone(entry)) return log.warn('an event was erased, or has expired', { event: id })
      if (notUnderstood.has(id)) return
      notUnderstood.add(id)
      log.error('an event cannot be served by this release', { event: id, error: eventLog.failure })
    })
    entries.set(id, entry)
    return entry
  }

  /** The first who asks reads; the others share the promise. One that is followed is up to date as it is. */
  async function bringUpToDate(entry: Entry): Promise<void> {
    if (entry.eventLog.failure) throw entry.eventLog.failure
    if (entry.tail) return
    entry.reading ??= entry.eventLog.revive().finally(() => {
      entry.reading = undefined
    })
    await entry.reading
  }

  function follow(entry: Entry): void {
    entry.dropping?.abort()
    entry.dropping = undefined
    if (entry.tail) return
    entry.tail = new AbortController()
    followed += 1
    void followLog(entry.eventLog, { clock, log, liveEvents: () => followed, signal: entry.tail.signal })
  }

  function release(entry: Entry): void {
    entry.holders -= 1
    if (entry.holders > 0) return
    if (entry.tail) followed -= 1
    entry.tail?.abort()
    entry.tail = undefined
    void drop(entry)
  }

  /** After a load that came to nothing. What cannot be read is remembered, so that it is not read again and again. */
  function letGo(entry: Entry): void {
    const { state, failure } = entry.eventLog
    if ((state || failure) && !isGone(entry)) return release(entry)
    entry.holders -= 1
    if (entry.holders === 0) forget(entry)
  }

  async function drop(entry: Entry): Promise<void> {
    const dropping = new AbortController()
    entry.dropping = dropping
    await entry.writer.flush()
    const { failure } = entry.eventLog
    await clock.sleep(!failure || failure instanceof LogNotUnderstood ? keptFor : keptAfterDefect, dropping.signal)
    if (dropping.signal.aborted || entry.holders > 0) return
    forget(entry)
  }

  function forget(entry: Entry): void {
    if (entries.get(entry.eventLog.id) !== entry) return
    entries.delete(entry.eventLog.id)
    entry.dropping?.abort()
    conflictsOfDropped += entry.writer.conflicts
  }

  return {
    /**
     * Loads the event's log, once for all who ask, and follows it until it is released.
     * @returns undefined when there is no such event, or it has expired
     * Rejects with LogNotUnderstood when this release cannot read it, with LogClosed when the task stops, and with the
     * SDK's error when DynamoDB does not answer.
     */
    async hold(id: string): Promise<HeldLog | undefined> {
      const entry = entries.get(id) ?? enter(id)
      entry.holders += 1
      try {
        await bringUpToDate(entry)
      } catch (error) {
        letGo(entry)
        if (isGone(entry)) return undefined
        throw error
      }
      if (!entry.eventLog.state) {
        letGo(entry)
        return undefined
      }
      follow(entry)
      let isHeld = true
      return {
        eventLog: entry.eventLog,
        writer: entry.writer,
        release() {
          if (isHeld) release(entry)
          isHeld = false
        },
      }
    },

    /** Those with a holder. */
    get followed(): number {
      return followed
    },

    /** Resolves when everything that was submitted has its answer. */
    async flush(): Promise<void> {
      await Promise.all([...entries.values()].map(({ writer }) => writer.flush()))
    },

    /** Ends every tail and every writer: what waits for a table that does not answer is rejected with LogClosed. */
    stop(): void {
      for (const { tail, dropping, eventLog } of entries.values()) {
        tail?.abort()
        dropping?.abort()
        eventLog.fail(new LogClosed('this task stops'))
      }
    },

    /** For the log line `figures`: changes without an answer, places lost so far, milliseconds since the oldest last read. */
    figures(): { unwritten: number; conflicts: number; tailLag: number } {
      const all = [...entries.values()]
      return {
        unwritten: all.reduce((sum, { writer }) => sum + writer.unwritten, 0),
        conflicts: all.reduce((sum, { writer }) => sum + writer.conflicts, conflictsOfDropped),
        tailLag: Math.max(0, ...all.flatMap(({ tail, eventLog }) => (tail ? clock.now() - eventLog.lastReadAt : []))),
      }
    },
  }
}

function isGone({ eventLog }: Entry): boolean {
  return eventLog.failure instanceof LogGone
}
