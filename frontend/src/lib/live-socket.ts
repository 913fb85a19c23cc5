import { type ClientMessage, readServerMessage, type ServerMessage } from '../../../backend/src/types/protocol.ts'

const welcomeWithinMs = 10_000
/** Until two heartbeats were heard: the server's usual pace. */
const usualHeartbeatMs = 25_000
const heartbeatsUntilDead = 2.5
const abnormalClosure = 1006

export interface Ending {
  /** https://www.iana.org/assignments/websocket and `closeCodes`; 1006 where the network ended it. */
  code: number
  reason: string
  /** How long it had been welcomed, 0 if it never was. */
  lastedMs: number
}

interface Options {
  url: string
  heard: (message: ServerMessage) => void
  /** Called once, and not after `abandon`. */
  ended: (ending: Ending) => void
  report: (problem: string) => void
}

export interface LiveSocket {
  /** False: it is not open, nothing was sent. */
  send: (message: ClientMessage) => boolean
  /** Ends the connection unless the server says something within so many milliseconds. */
  probe: (withinMs: number) => void
  abandon: () => void
}

/**
 * One WebSocket of the protocol, from its first attempt to its end. It is dead after 2½ heartbeats without a word: the
 * browser itself notices a network that went away only after minutes.
 */
export function openLiveSocket({ url, heard, ended, report }: Options): LiveSocket {
  const socket = new WebSocket(url)
  const listening = new AbortController()
  let welcomedAt: number | undefined
  /** When the server sent the last heartbeat: they queue while the page stands still, as behind `window.confirm`. */
  let beatAt: number | undefined
  let heartbeatMs = usualHeartbeatMs
  let isProbed = false
  let silence = setTimeout(() => end(abnormalClosure, 'no welcome within 10 s'), welcomeWithinMs)

  const abandon = () => {
    clearTimeout(silence)
    // a dead socket may take a minute to close: nothing that it still says counts
    listening.abort()
    socket.close()
  }

  const end = (code: number, reason: string) => {
    abandon()
    ended({ code, reason, lastedMs: welcomedAt === undefined ? 0 : Date.now() - welcomedAt })
  }

  const expectWithin = (ms: number) => {
    clearTimeout(silence)
    silence = setTimeout(() => end(abnormalClosure, 'the server fell silent'), ms)
  }

  const receive = ({ data }: MessageEvent<unknown>) => {
    const read = typeof data === 'string' ? readServerMessage(data) : { problem: 'a message must be text' }
    if ('problem' in read) return report(`ignored a message of the server: ${read.problem}`)
    const { message } = read
    if (message.type === 'welcome') welcomedAt = Date.now()
    if (message.type === 'heartbeat') {
      if (beatAt !== undefined) heartbeatMs = Math.max(500, message.now - beatAt)
      beatAt = message.now
    }
    isProbed = false
    expectWithin(heartbeatsUntilDead * heartbeatMs)
    heard(message)
  }

  const { signal } = listening
  socket.addEventListener('message', receive, { signal })
  // an error is always followed by a close, which says more
  socket.addEventListener('close', ({ code, reason }) => end(code, reason), { signal })

  const send = (message: ClientMessage) => {
    if (socket.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(message))
    return true
  }

  return {
    send,
    probe: (withinMs) => {
      // another one must not give a dead connection more time
      if (isProbed || !send({ type: 'clock', sent: Date.now() })) return
      isProbed = true
      expectWithin(withinMs)
    },
    abandon,
  }
}
