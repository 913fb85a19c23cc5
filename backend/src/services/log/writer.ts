import { randomUUID } from 'node:crypto'
import type { LogItem, LogRepository } from '../../db/repositories/log.ts'
import { recordFormat } from '../../types/records.ts'
import type { Change, Outcome, OutcomeOf } from '../game/changes.ts'
import { openDraft } from '../game/draft.ts'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import { type EventLog, LogGone } from './event-log.ts'

/** Milliseconds between two items, for each task that writes; at least two are assumed. */
const spacing = 20
const fewestWriters = 2
/** A task whose last item is older, in milliseconds, does not count as writing. */
const writingFor = 10_000
/** Milliseconds before a write of unknown outcome is tried again: doubled each time, up to the second. */
const firstWait = 50
const longestWait = 1_000

interface Entry {
  change: Change
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/** An item on its way to its place. It keeps its nonce until it is known what is at that place. */
interface Flight {
  item: LogItem
  entries: { entry: Entry; outcome: Outcome }[]
  settled: Promise<void>
  settle(): void
}

interface WriterOptions {
  /** The task's id. */
  task: string
  repository: Pick<LogRepository, 'append'>
  clock: Clock
  log: Log
  /** As Math.random. */
  random?: () => number
}

export type Writer = ReturnType<typeof createWriter>

/**
 * Appends one item at a time to an event's log, each with all that arrived meanwhile. What was submitted is answered when
 * it is at its place in the log, never before; what lost the place to another task is decided again, against that
 * task's item.
 */
export function createWriter(
  eventLog: EventLog,
  { task, repository, clock, log, random = Math.random }: WriterOptions,
) {
  let waiting: Entry[] = []
  let flight: Flight | undefined
  let running: Promise<void> | undefined
  let nextAppendAt = 0
  let conflicts = 0

  eventLog.hear((item) => {
    if (!flight || item.number !== flight.item.number) return
    const { entries, settle } = flight
    const isOurs = item.nonce === flight.item.nonce
    flight = undefined
    if (isOurs) {
      for (const { entry, outcome } of entries) entry.resolve(outcome)
    } else {
      conflicts += 1
      nextAppendAt = 0
      waiting = [...entries.map(({ entry }) => entry), ...waiting]
    }
    settle()
  })
  eventLog.failed.addEventListener('abort', () => {
    const error = eventLog.failure!
    for (const { reject } of [...(flight?.entries.map(({ entry }) => entry) ?? []), ...waiting]) reject(error)
    waiting = []
    const { settle } = flight ?? {}
    flight = undefined
    settle?.()
  })

  async function run(): Promise<void> {
    try {
      while (waiting.length > 0) {
        await clock.sleep(nextAppendAt - clock.now(), eventLog.failed)
        const next = takeOff()
        if (next) await land(next)
      }
    } catch (error) {
      // a defect of this event's log must not end the task with all its events
      eventLog.fail(error as Error)
    } finally {
      running = undefined
    }
  }

  /** Puts as much as fits into the next item; what is decided without a record is answered at once. */
  function takeOff(): Flight | undefined {
    const { state } = eventLog
    if (!state) throw new Error(`the log of ${eventLog.id} was not loaded`)
    const draft = openDraft(state, clock.now(), random)
    // behind all that is held, so that an answer is not late for one that arrived a moment before it
    waiting.sort((one, other) => Number(one.change.kind === 'close') - Number(other.change.kind === 'close'))
    const entries: Flight['entries'] = []
    let taken = 0
    for (const entry of waiting) {
      let decided: ReturnType<typeof draft.add>
      try {
        decided = draft.add(entry.change)
      } catch (error) {
        // a defect; one change must not hold up all others
        waiting = [...entries.map((each) => each.entry), ...waiting.slice(taken + 1)]
        entry.reject(error as Error)
        return takeOff()
      }
      if (!decided) break
      taken += 1
      if (decided.waits) entries.push({ entry, outcome: decided.outcome })
      else entry.resolve(decided.outcome)
    }
    waiting = waiting.slice(taken)
    if (entries.length === 0) return
    const item: LogItem = {
      number: state.number + 1,
      format: recordFormat,
      by: task,
      nonce: randomUUID(),
      at: clock.now(),
      records: draft.records(),
    }
    let settle = () => {}
    const settled = new Promise<void>((resolve) => (settle = resolve))
    flight = { item, entries, settled, settle }
    return flight
  }

  /** Resolves when it is known what is at the flight's place: its item or another. */
  async function land(mine: Flight): Promise<void> {
    const gap = spacing * Math.max(fewestWriters, eventLog.writersWithin(writingFor))
    nextAppendAt = clock.now() + gap
    for (let tried = 1; flight === mine; tried += 1) {
      // the tail may find the item, or another's at its place, long before a lost answer has timed out
      const appended = await Promise.race([
        repository.append(eventLog.id, mine.item, eventLog.expiresAt),
        mine.settled.then(() => undefined),
      ])
      if (!appended) return
      if (appended.outcome === 'written') eventLog.absorb([mine.item])
      else await lookWhatIsThere(mine, appended, tried)
    }
  }

  /** After a refusal or an unknown outcome only the log itself can say what is there. */
  async function lookWhatIsThere(
    mine: Flight,
    appended: { outcome: 'taken' } | { outcome: 'unknown'; error: unknown },
    tried: number,
  ): Promise<void> {
    const fields = { event: eventLog.id, number: mine.item.number, tried }
    if (appended.outcome === 'unknown') {
      if (isTold(tried)) log.warn('it is not known whether an item was written', { ...fields, error: appended.error })
    }
    try {
      await eventLog.catchUp()
      if (flight === mine && appended.outcome === 'taken') {
        eventLog.fail(new LogGone(`the log of ${eventLog.id} is gone: its next place is taken, and nothing is there`))
      }
    } catch (error) {
      if (isTold(tried)) log.warn('the log could not be read', { ...fields, error })
    }
    if (flight !== mine) return
    const wait = Math.min(longestWait, firstWait * 2 ** (tried - 1))
    await Promise.race([clock.sleep(wait * (0.5 + random() / 2)), mine.settled])
  }

  return {
    /**
     * Resolves when the change is at its place in the log, or is known not to get one; after an outage of the table,
     * when that is over. Rejects only when the log cannot be written by this task any more, with LogNotUnderstood, LogGone
     * or LogClosed; and with what a defect throws that decides it.
     */
    async submit<C extends Change>(change: C): Promise<OutcomeOf<C>> {
      if (eventLog.failure) throw eventLog.failure
      return await new Promise<OutcomeOf<C>>((resolve, reject) => {
        waiting.push({ change, resolve: resolve as Entry['resolve'], reject })
        running ??= run()
      })
    },

    /** Resolves when all that was submitted has its answer. */
    async flush(): Promise<void> {
      while (running) await running
    },

    /** Changes that have no answer yet. */
    get unwritten(): number {
      return waiting.length + (flight?.entries.length ?? 0)
    },

    /** How often another task took the place. */
    get conflicts(): number {
      return conflicts
    },
  }
}

/** In a long outage, one line in twenty tries. */
function isTold(tried: number): boolean {
  return tried % 20 === 1
}
