import { attemptsApartMs, reconnectDelayMs, steadyMs } from '../../lib/backoff.ts'
import { onWake } from '../../lib/wake.ts'
import type { ServerMessage } from './server-message.ts'
import { type Ending, type Session, startSession } from './session.ts'

export type Status =
  | { phase: 'connecting' }
  | { phase: 'connected' }
  /** `retryAt` on the clock of `performance.now()`. */
  | { phase: 'reconnecting'; retryAt: number }

export type RoundTrip = { phase: 'none' } | { phase: 'answered'; ms: number } | { phase: 'unanswered' }

export interface ConnectionState {
  url: string
  status: Status
  /** Who answers; undefined until it has said so. */
  server: { release: string; connectionId: string | undefined } | undefined
  /** When it said so, by this page's clock: ISO 8601. */
  connectedSince: string | undefined
  players: number | undefined
  /** Live events in the table, with the last round trip. */
  stored: number | undefined
  roundTrip: RoundTrip
  /** Attempts and connections that ended, and how the last one did. */
  losses: number
  lastLoss: Ending | undefined
  ignoredMessages: number
}

export interface Connection {
  state: () => ConnectionState
  subscribe: (changed: () => void) => () => void
  /** Measures a round trip, if connected. */
  ping: () => void
  /** Ends the connection for good. */
  close: () => void
}

const nothingHeard = {
  server: undefined,
  connectedSince: undefined,
  players: undefined,
  stored: undefined,
  roundTrip: { phase: 'none' },
} as const

/**
 * Connects, and stays connected: every end is followed by another attempt, sooner when the network or the reader is back.
 * `report` gets what the server refused, and which of its messages make no sense here.
 */
export function connect({ url, report }: { url: string; report: (problem: string) => void }): Connection {
  let state: ConnectionState = {
    url,
    status: { phase: 'connecting' },
    ...nothingHeard,
    losses: 0,
    lastLoss: undefined,
    ignoredMessages: 0,
  }
  const subscribers = new Set<() => void>()
  let failures = 0
  let attemptedAt = performance.now()
  let retry: ReturnType<typeof setTimeout> | undefined

  const change = (changes: Partial<ConnectionState>) => {
    state = { ...state, ...changes }
    for (const changed of subscribers) changed()
  }

  const heard = (message: ServerMessage, ms?: number) => {
    if (message.type === 'error') {
      report(`the server answered ${message.code}: ${message.message}`)
      change({ roundTrip: { phase: 'unanswered' } })
    } else if (message.type === 'welcome') {
      const { connectionId, release, players } = message
      change({ players, server: { release, connectionId }, connectedSince: new Date().toISOString() })
    } else if (message.type === 'pong') {
      const { players, stored } = message
      change(ms === undefined ? { players, stored } : { players, stored, roundTrip: { phase: 'answered', ms } })
    }
  }

  const ignored = (problem: string) => {
    report(`ignored ${problem} from the server`)
    change({ ignoredMessages: state.ignoredMessages + 1 })
  }

  const retryAt = (time: number) => {
    clearTimeout(retry)
    retry = setTimeout(attempt, time - performance.now())
    change({ status: { phase: 'reconnecting', retryAt: time } })
  }

  const ended = (ending: Ending) => {
    if (ending.lastedMs >= steadyMs) failures = 0
    change({ ...nothingHeard, losses: state.losses + 1, lastLoss: ending })
    retryAt(performance.now() + reconnectDelayMs(failures, ending.code))
    failures += 1
  }

  const start = (): Session =>
    startSession({
      url,
      opened: () => change({ status: { phase: 'connected' } }),
      heard,
      ignored,
      unanswered: () => change({ roundTrip: { phase: 'unanswered' } }),
      ended,
    })

  let session = start()

  const attempt = () => {
    attemptedAt = performance.now()
    change({ status: { phase: 'connecting' } })
    session = start()
  }

  const wakes = onWake(() => {
    session.ping()
    if (state.status.phase !== 'reconnecting') return
    const soonest = Math.max(performance.now(), attemptedAt + attemptsApartMs)
    if (soonest < state.status.retryAt) retryAt(soonest)
  })

  return {
    state: () => state,
    subscribe: (changed) => {
      subscribers.add(changed)
      return () => subscribers.delete(changed)
    },
    ping: () => session.ping(),
    close: () => {
      wakes.abort()
      clearTimeout(retry)
      session.abandon()
    },
  }
}
