import { roundTrips } from './round-trips.ts'
import { parseServerMessage, type ServerMessage } from './server-message.ts'

const welcomeWithinMs = 10_000
const abnormalClosure = 1006

export interface Ending {
  /** https://www.iana.org/assignments/websocket, 1006 where the network ended it. */
  code: number
  reason: string
  /** How long it had been open, 0 if it never was. */
  lastedMs: number
}

interface Options {
  url: string
  opened: () => void
  /** `ms` is the length of the round trip that the message ends. */
  heard: (message: ServerMessage, ms?: number) => void
  ignored: (problem: string) => void
  unanswered: () => void
  /** Called once, and not after `abandon`. */
  ended: (ending: Ending) => void
}

export interface Session {
  ping: () => void
  abandon: () => void
}

/** One WebSocket from its first attempt to its end. */
export function startSession({ url, opened, heard, ignored, unanswered, ended }: Options): Session {
  const socket = new WebSocket(url)
  const listening = new AbortController()
  let openedAt: number | undefined

  const trips = roundTrips({
    send: (message) => socket.send(JSON.stringify(message)),
    unanswered,
    gone: () => end(abnormalClosure, 'the server stopped answering'),
  })
  const deadline = setTimeout(() => end(abnormalClosure, 'no welcome within 10 s'), welcomeWithinMs)

  const abandon = () => {
    clearTimeout(deadline)
    trips.stop()
    // a dead socket may take a minute to close: nothing that it still says counts
    listening.abort()
    socket.close()
  }

  const end = (code: number, reason: string) => {
    abandon()
    ended({ code, reason, lastedMs: openedAt === undefined ? 0 : performance.now() - openedAt })
  }

  const open = () => {
    openedAt = performance.now()
    opened()
  }

  const receive = (event: MessageEvent<unknown>) => {
    const message = parseServerMessage(event.data)
    if ('problem' in message) {
      ignored(message.problem)
      return
    }
    heard(message, message.type === 'pong' ? trips.answered(message.id) : undefined)
    if (message.type === 'error') trips.refused()
    if (message.type === 'welcome') {
      clearTimeout(deadline)
      trips.ping()
    }
  }

  const { signal } = listening
  socket.addEventListener('open', open, { signal })
  socket.addEventListener('message', receive, { signal })
  // an error is always followed by a close, which says more
  socket.addEventListener('close', ({ code, reason }) => end(code, reason), { signal })

  return { ping: () => socket.readyState === WebSocket.OPEN && trips.ping(), abandon }
}
