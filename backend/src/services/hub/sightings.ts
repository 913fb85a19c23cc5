import type { Seen, SeenRepository } from '../../db/repositories/seen.ts'
import type { Log } from '../log.ts'
import type { Others } from './deadline.ts'

/**
 * What this task says about its sockets is written so often while it changes or a question is open, and so often else;
 * milliseconds. The other tasks wait with the closing for a task that is silent.
 */
const whileItMatters = 1_000
const atLeast = 5_000
/** What the others say is read so often while someone looks at it, and so often when something depends on it. */
const readEvery = 1_000
const readAtOnceEvery = 200

export interface SightingsOptions {
  event: string
  task: string
  release: string
  repository: Pick<SeenRepository, 'put' | 'list' | 'remove'>
  log: Log
  now: () => number
  /** The others were read. */
  heard: () => void
}

/** What one task counts for the others. */
export type Sighting = Pick<Seen, 'connected' | 'unanswered' | 'hosts' | 'screens' | 'version' | 'draining'>

/** Tells the other tasks who is connected here, and hears who is connected there. Never more than one call of a kind at once. */
export function createSightings({ event, task, release, repository, log, now, heard }: SightingsOptions) {
  let others: Others | undefined
  let said = ''
  let last: Pick<Sighting, 'connected' | 'unanswered'> = { connected: 0, unanswered: 0 }
  let saidAt = Number.NEGATIVE_INFINITY
  let saying: Promise<void> | undefined
  let reading: Promise<void> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let isOut = false

  function report(error?: unknown): void {
    if (error !== undefined && !isOut) log.warn('who is connected could not be written or read', { event, error })
    isOut = error !== undefined
  }

  function take(rows: readonly Seen[], readAt: number): void {
    others = { rows: rows.filter((row) => row.task !== task), readAt }
    report()
    heard()
  }

  return {
    /** Of the other tasks; undefined until they were read. */
    get others(): Others | undefined {
      return others
    },

    /** Writes it if it is time to. `expiresAt` in seconds. `isOpen`: a question is. */
    say(sighting: Sighting, expiresAt: number, { isOpen, atOnce }: { isOpen: boolean; atOnce: boolean }): void {
      const text = JSON.stringify(sighting)
      const since = now() - saidAt
      // that nobody is here, or nobody is waited for, must not stand a second too long: the question would close
      const isFirst = (key: keyof typeof last) => last[key] === 0 && sighting[key] > 0
      const isUrgent = atOnce || isFirst('connected') || isFirst('unanswered')
      if (saying || (!isUrgent && since < (text === said && !isOpen ? atLeast : whileItMatters))) return
      said = text
      last = sighting
      saidAt = now()
      saying = repository
        .put(event, { task, release, at: saidAt, ...sighting }, expiresAt)
        .then(() => report(), report)
        .finally(() => {
          saying = undefined
        })
    },

    /** Reads what the others say if it is time to. `atOnce`: something depends on it. */
    look(atOnce = false): void {
      if (reading || now() - askedAt < (atOnce ? readAtOnceEvery : readEvery)) return
      askedAt = now()
      const readAt = askedAt
      reading = repository
        .list(event)
        .then((rows) => take(rows, readAt), report)
        .finally(() => {
          reading = undefined
        })
    },

    /** The task stops: what it says last stays, so that the others wait for its players a while. */
    async sayLast(sighting: Sighting, expiresAt: number): Promise<void> {
      await saying
      await repository.put(event, { task, release, at: now(), ...sighting }, expiresAt).catch(report)
    },

    /** The last socket is gone: nothing is to be said any more. */
    async withdraw(): Promise<void> {
      await saying
      // a room that was never entered has said nothing
      if (saidAt > 0) await repository.remove(event, task, saidAt).catch(report)
    },
  }
}
