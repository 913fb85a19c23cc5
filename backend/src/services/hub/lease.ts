import type { Codes } from '../../db/repositories/codes.ts'
import type { Events, QuizEvent } from '../../db/repositories/events.ts'
import type { LogRepository } from '../../db/repositories/log.ts'
import type { EventState } from '../game/state.ts'
import type { Log } from '../log.ts'

/** Milliseconds between two leases. */
const every = 10_000
/** An event counts as live for so long after a player was last connected, in milliseconds. */
const liveFor = 10 * 60_000

export interface LeaseOptions {
  event: string
  events: Pick<Events, 'get' | 'renewLease' | 'end' | 'keepUntil'>
  codes: Pick<Codes, 'keepUntil'>
  logs: Pick<LogRepository, 'keepUntil'>
  /** When the log expires, in seconds. */
  expiresAt: () => number
  log: Log
  now: () => number
  /** What the table holds of the event now; undefined: it was erased, or has expired. */
  found: (event: QuizEvent | undefined) => void
}

/**
 * Says in the event's item that it is live, or has ended, or is kept for longer, and sees there whether it was erased or got
 * new links.
 */
export function createLease({ event: id, events, codes, logs, expiresAt: expiry, log, now, found }: LeaseOptions) {
  let renewedAt = Number.NEGATIVE_INFINITY
  let hadPlayers = false
  let renewing: Promise<void> | undefined
  let isOut = false

  function report(error?: unknown): void {
    if (error !== undefined && !isOut) log.warn('an event’s lease could not be renewed', { event: id, error })
    isOut = error !== undefined
  }

  async function renewNow(state: EventState, hasPlayers: boolean): Promise<void> {
    const { playing: players, startedAt, endedAt, created } = state
    if (endedAt === undefined && hasPlayers) {
      await events.renewLease(id, { players, liveUntil: now() + liveFor, startedAt })
    }
    const item = await events.get(id)
    // before the rest, which takes seconds and may fail: who holds an old link is let go now
    found(item)
    const expiresAt = expiry()
    const isBehind = item && item.endedAt === undefined && (endedAt !== undefined || item.expiresAt < expiresAt)
    if (!isBehind) return
    // the log first: once the event's item says so, nobody comes back here
    await logs.keepUntil(id, expiresAt)
    if (endedAt !== undefined) return void (await events.end(id, { endedAt, players, expiresAt }))
    await codes.keepUntil(created.code, id, expiresAt)
    await events.keepUntil(id, expiresAt)
  }

  /** Does so if it is time to: every 10 seconds, and with the first player. */
  function renew(state: EventState, hasPlayers: boolean, atOnce = false): void {
    if (renewing) {
      // what is under way may have begun before the end, and nobody may be here for the next one
      if (atOnce) void renewing.then(() => renew(state, hasPlayers, true))
      return
    }
    const isFirst = hasPlayers && !hadPlayers
    if (!atOnce && !isFirst && now() - renewedAt < every) return
    hadPlayers = hasPlayers
    renewedAt = now()
    renewing = renewNow(state, hasPlayers)
      .then(() => report(), report)
      .finally(() => {
        renewing = undefined
      })
  }

  return { renew }
}
