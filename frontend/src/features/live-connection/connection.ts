import type { ServerMessage } from '../../../../backend/src/types/protocol.ts'
import { attemptsApartMs, reconnectDelayMs, steadyMs } from '../../lib/backoff.ts'
import { type Ending, openLiveSocket } from '../../lib/live-socket.ts'
import { onWake } from '../../lib/wake.ts'

const answerWithinMs = 5_000
const silentWithinMs = 10_000
/** Who says nothing for 30 s, and has entered no event, is let go. */
const paceMs = 20_000

export type Status =
  | { phase: 'connecting' }
  | { phase: 'connected' }
  /** `retryAt` on the clock of `performance.now()`. */
  | { phase: 'reconnecting'; retryAt: number }

export type RoundTrip = { phase: 'none' } | { phase: 'answered'; ms: number } | { phase: 'unanswered' }

export interface ConnectionState {
  url: string
  status: Status
  /** Of the server; undefined until it has said so. */
  release: string | undefined
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
  /** Measures a round trip, if connected and none is under way. */
  ping: () => void
  /** Ends the connection for good. */
  close: () => void
}

const nothingHeard = {
  release: undefined,
  connectedSince: undefined,
  players: undefined,
  stored: undefined,
  roundTrip: { phase: 'none' },
} as const

/**
 * Connects, and measures a round trip every 20 s. Every end is followed by another attempt, also one that is final for a
 * page of an event. `report` gets what the server refused, and which of its messages make no sense here.
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
  let attemptedAt = 0
  let pings = 0
  let awaited: { id: string; sentAt: number } | undefined
  /** The next attempt, the awaited answer's deadline or the next ping: never two of them. */
  let timer: ReturnType<typeof setTimeout> | undefined

  const change = (changes: Partial<ConnectionState>) => {
    state = { ...state, ...changes }
    for (const changed of subscribers) changed()
  }
  const later = (work: () => void, ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(work, ms)
  }

  const ping = () => {
    if (awaited || state.status.phase !== 'connected') return
    awaited = { id: String((pings += 1)), sentAt: performance.now() }
    later(miss, answerWithinMs)
    socket.send({ type: 'ping', id: awaited.id })
    socket.probe(silentWithinMs)
  }
  const miss = () => {
    awaited = undefined
    change({ roundTrip: { phase: 'unanswered' } })
    // at once: a page that was asleep wakes to a passed deadline with the answer still in the queue
    ping()
  }
  const rest = () => {
    awaited = undefined
    later(ping, paceMs)
  }

  const heard = (message: ServerMessage) => {
    if (message.type === 'welcome') {
      const { release } = message
      change({ status: { phase: 'connected' }, release, connectedSince: new Date().toISOString() })
      ping()
    } else if (message.type === 'pong') {
      const { id, players, stored } = message
      change({ players, stored })
      if (id !== awaited?.id) return
      change({ roundTrip: { phase: 'answered', ms: performance.now() - awaited.sentAt } })
      rest()
    } else if (message.type === 'error') {
      report(`the server answered ${message.code}: ${message.message}`)
      change({ roundTrip: { phase: 'unanswered' } })
      if (awaited) rest()
    }
  }

  const ended = (ending: Ending) => {
    awaited = undefined
    if (ending.lastedMs >= steadyMs) failures = 0
    change({ ...nothingHeard, losses: state.losses + 1, lastLoss: ending })
    attemptAt(performance.now() + reconnectDelayMs(failures, ending.code))
    failures += 1
  }

  const open = () => {
    attemptedAt = performance.now()
    const ignored = (problem: string) => {
      report(problem)
      change({ ignoredMessages: state.ignoredMessages + 1 })
    }
    return openLiveSocket({ url, heard, ended, report: ignored })
  }
  let socket = open()

  const attemptAt = (retryAt: number) => {
    later(() => {
      change({ status: { phase: 'connecting' } })
      socket = open()
    }, retryAt - performance.now())
    change({ status: { phase: 'reconnecting', retryAt } })
  }

  const wakes = onWake(() => {
    ping()
    if (state.status.phase !== 'reconnecting') return
    const soonest = Math.max(performance.now(), attemptedAt + attemptsApartMs)
    if (soonest < state.status.retryAt) attemptAt(soonest)
  })

  return {
    state: () => state,
    subscribe: (changed) => {
      subscribers.add(changed)
      return () => subscribers.delete(changed)
    },
    ping,
    close: () => {
      wakes.abort()
      clearTimeout(timer)
      socket.abandon()
    },
  }
}
