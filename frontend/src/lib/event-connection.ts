import type { ClientMessage, Enter, Join, ServerMessage } from '../../../backend/src/types/protocol.ts'
import { attemptsApartMs, reconnectDelayMs, steadyMs } from './backoff.ts'
import { type Ending, type LiveSocket, openLiveSocket } from './live-socket.ts'
import { createServerClock } from './server-clock.ts'
import { onWake } from './wake.ts'

export type ConnectionStatus =
  | { phase: 'connecting' }
  /** The whole state of the event was received. */
  | { phase: 'connected' }
  /** `retryAt` on the clock of `performance.now()`. */
  | { phase: 'reconnecting'; retryAt: number }
  /** For good, with one of the 44xx of `closeCodes` and what the server said of it. */
  | { phase: 'ended'; code: number; reason: string }
  /** The server does not speak to a page that old. */
  | { phase: 'outdated' }

export interface EventConnection {
  status: () => ConnectionStatus
  /** Called when the status has changed. */
  subscribe: (changed: () => void) => () => void
  /** The server's time now, in milliseconds. */
  now: () => number
  /** False: not connected, nothing was sent. */
  send: (message: ClientMessage) => boolean
  /** A fresh snapshot, by way of a new connection, for when nothing is to be missed meanwhile. */
  refresh: () => void
  /** Ends the connection for good. */
  close: () => void
}

interface Options {
  url: string
  /** What is said after the welcome: asked again for every connection. */
  hello: () => Enter | Join
  heard: (message: ServerMessage) => void
  report: (problem: string) => void
}

/** From the hello to the snapshot. */
const enteredWithinMs = 10_000
const clocksAtStart = 5
/** A phone that slept has probably lost its connection. */
const wokenWithinMs = 5_000
/** A whole hall taps at once: a network that stands still for some seconds must not make all of them connect again at once. */
const sentWithinMs = 10_000

/**
 * Enters an event and stays in it. An end is followed by another attempt, sooner when the network or the reader is back;
 * only the 44xx are final. A server that says it is leaving is left without a gap: the second connection enters before
 * the first one is closed.
 */
export function connectToEvent({ url, hello, heard, report }: Options): EventConnection {
  const clock = createServerClock()
  const subscribers = new Set<() => void>()
  let status: ConnectionStatus = { phase: 'connecting' }
  let current: LiveSocket | undefined
  /** On its way to replace `current`. */
  let next: LiveSocket | undefined
  let failures = 0
  let attemptedAt = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  const become = (changed: ConnectionStatus) => {
    status = changed
    for (const tell of subscribers) tell()
  }

  const stop = (last: ConnectionStatus) => {
    clearTimeout(retry)
    wakes.abort()
    current?.abandon()
    next?.abandon()
    current = next = undefined
    become(last)
  }

  const open = (): LiveSocket => {
    let clocksLeft = clocksAtStart
    let isLeaving = false
    let deadline: ReturnType<typeof setTimeout> | undefined
    const askTime = () => socket.send({ type: 'clock', sent: Date.now() })

    const receive = (message: ServerMessage) => {
      switch (message.type) {
        case 'welcome':
          clock.told(message.now)
          deadline = setTimeout(() => failed(1006, 'not let in within 10 s'), enteredWithinMs)
          socket.send(hello())
          askTime()
          break
        case 'clock':
          clock.answered(message.sent, message.now)
          clocksLeft -= 1
          if (clocksLeft > 0) askTime()
          break
        case 'heartbeat':
          askTime()
          break
        case 'leaving':
          isLeaving = true
          if (socket === current) replace()
          break
        case 'snapshot':
        case 'refused':
          clearTimeout(deadline)
          break
        case 'error':
          if (message.code === 'outdated') return stop({ phase: 'outdated' })
          report(`the server answered ${message.code}: ${message.message}`)
      }
      if (message.type === 'snapshot') {
        entered(socket)
        // told before it let in, it is left as soon as it has
        if (isLeaving && socket === current) replace()
      }
      if (socket === current) heard(message)
    }

    const failed = (code: number, reason: string) => {
      socket.abandon()
      ended(socket, { code, reason, lastedMs: 0 })
    }

    const socket = openLiveSocket({
      url,
      heard: receive,
      ended: (ending) => {
        clearTimeout(deadline)
        ended(socket, ending)
      },
      report,
    })
    return socket
  }

  const entered = (socket: LiveSocket) => {
    if (socket === next) {
      current?.abandon()
      current = next
      next = undefined
    }
    if (socket === current) become({ phase: 'connected' })
  }

  const ended = (socket: LiveSocket, ending: Ending) => {
    if (socket === next) {
      next = undefined
      // the first one still serves; when it ends, so does this attempt
      retry = setTimeout(replace, reconnectDelayMs(0, ending.code))
      return
    }
    if (socket !== current) return
    current = next
    next = undefined
    if (current) return become({ phase: 'connecting' })
    const { code, reason, lastedMs } = ending
    if (code >= 4400 && code < 4500) return stop({ phase: 'ended', code, reason })
    if (lastedMs >= steadyMs) failures = 0
    attemptAt(performance.now() + reconnectDelayMs(failures, code))
    failures += 1
  }

  const replace = () => {
    if (!current || next || status.phase !== 'connected') return
    clearTimeout(retry)
    next = open()
  }

  /** Not as `replace`: one connection more may be one too many, and would end that of another tab. */
  const refresh = () => {
    if (!current || next || status.phase !== 'connected') return
    current.abandon()
    current = open()
  }

  const attempt = () => {
    attemptedAt = performance.now()
    become({ phase: 'connecting' })
    current = open()
  }

  const attemptAt = (time: number) => {
    clearTimeout(retry)
    retry = setTimeout(attempt, time - performance.now())
    become({ phase: 'reconnecting', retryAt: time })
  }

  const wakes = onWake(() => {
    current?.probe(wokenWithinMs)
    if (status.phase !== 'reconnecting') return
    const soonest = Math.max(performance.now(), attemptedAt + attemptsApartMs)
    if (soonest < status.retryAt) attemptAt(soonest)
  })

  attempt()

  return {
    status: () => status,
    subscribe: (changed) => {
      subscribers.add(changed)
      return () => subscribers.delete(changed)
    },
    now: clock.now,
    send: (message) => {
      if (status.phase !== 'connected' || !current?.send(message)) return false
      // a browser says that it was sent, also over a network that is gone
      current.probe(sentWithinMs)
      return true
    },
    refresh,
    close: () => {
      subscribers.clear()
      stop({ phase: 'ended', code: 1000, reason: '' })
    },
  }
}
