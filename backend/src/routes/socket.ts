import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Drainable } from '../services/drain/drain.ts'
import type { Figures } from '../services/figures.ts'
import type { Hub } from '../services/hub/hub.ts'
import type { Peer } from '../services/hub/peer.ts'
import { createSession, type Session, type SessionOptions } from '../services/hub/session.ts'
import { callerOf } from '../services/limits.ts'
import type { Log } from '../services/log.ts'
import type { Config } from '../types/config.ts'
import { maxMessageBytes, protocolVersion, type ServerMessage } from '../types/protocol.ts'
import { leaverOf } from './leaver.ts'

/** A heartbeat goes to a part of the sockets at a time, so that not all answer in the same instant. */
const beats = 20
/** A page that has not read so many bytes by now will not catch up. */
const mostBuffered = 1_048_576
/** Of sockets that only ask whether the backend answers, a task takes so many; of those of a quiz, never fewer. */
const mostDiagnostic = 200
/** How long the other tasks are told, when all sockets are closed, that nobody is here; milliseconds. */
const farewell = 600

interface Connection {
  socket: WebSocket
  session: Session
  /** Has answered the last ping. */
  isAlive: boolean
}

interface Services {
  hub: Hub
  figures: Figures
  limits: SessionOptions['limits']
}

/** The WebSocket side: welcome, heartbeat, and a session for each page. */
export function createSockets(config: Config, { hub, figures, limits }: Services, log: Log) {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false })
  const wheel = Array.from({ length: beats }, () => new Set<Connection>())
  /** Sockets that have entered no event. */
  const strangers = { diagnostic: new Set<WebSocket>(), quiz: new Set<WebSocket>() }
  const mostStrangers = { diagnostic: mostDiagnostic, quiz: Math.max(config.maxPlayers, mostDiagnostic) }
  let nextSlot = 0
  let beat = 0

  const beating = setInterval(
    () => {
      beat = (beat + 1) % beats
      const text = encoded({ type: 'heartbeat', now: hub.now() })
      for (const connection of wheel[beat] ?? []) check(connection, text)
    },
    (config.heartbeatSeconds * 1_000) / beats,
  )

  function check(connection: Connection, heartbeat: string): void {
    const { socket, session, isAlive } = connection
    if (!isAlive || socket.bufferedAmount > mostBuffered) return socket.terminate()
    session.checkSilence()
    if (socket.readyState !== WebSocket.OPEN) return
    connection.isAlive = false
    socket.ping()
    socket.send(heartbeat)
  }

  function serve(socket: WebSocket, request: IncomingMessage, diagnostic: boolean): void {
    const peer = peerOf(socket, request)
    const group = strangers[diagnostic ? 'diagnostic' : 'quiz'].add(socket)
    const session = createSession(peer, {
      hub,
      log,
      limits,
      diagnostic,
      hasEntered: () => group.delete(socket),
      acknowledged: figures.acknowledged,
    })
    const connection: Connection = { socket, session, isAlive: true }
    const slot = wheel[nextSlot]
    nextSlot = (nextSlot + 1) % beats
    slot?.add(connection)

    peer.send({ type: 'welcome', release: config.release, protocol: protocolVersion, now: hub.now() })
    socket.on('message', (data: Buffer, isBinary) => session.receive(isBinary ? undefined : data.toString()))
    socket.on('pong', () => {
      connection.isAlive = true
    })
    // ws closes the connection itself after an error such as a message too long; unheard, the event would end the process
    socket.on('error', (error) => log.debug('a connection broke', { error }))
    socket.once('close', (code) => {
      slot?.delete(connection)
      group.delete(socket)
      session.end()
      log.debug('disconnected', { code })
    })
    log.debug('connected')
  }

  return {
    /** @param diagnostic the client only looks whether the backend answers */
    accept(request: IncomingMessage, socket: Duplex, head: Buffer, diagnostic: boolean): void {
      server.handleUpgrade(request, socket, head, (opened) => serve(opened, request, diagnostic))
    },

    /** Whether one more socket may connect that has entered no event. */
    hasPlace(diagnostic: boolean): boolean {
      const kind = diagnostic ? 'diagnostic' : 'quiz'
      return strangers[kind].size < mostStrangers[kind]
    },

    drainable: {
      connected: () => server.clients.size,
      leavers: () => [...server.clients].map(leaverOf),
      unwritten: () => hub.figures().unwritten,
      closesIn: hub.closesIn,
      prepare: hub.drain,
      cut: () => {
        for (const socket of server.clients) socket.terminate()
      },
    } satisfies Drainable,

    /** Every socket is gone. */
    async stop(): Promise<void> {
      clearInterval(beating)
      await hub.close(farewell)
    },
  }
}

function peerOf(socket: WebSocket, request: IncomingMessage): Peer {
  const forwarded = request.headers['x-forwarded-for']
  const sendTexts = (texts: readonly (string | Buffer)[]) => {
    if (socket.readyState !== WebSocket.OPEN) return
    request.socket.cork()
    // a buffer is the text of a message, too
    for (const text of texts) socket.send(text, { binary: false })
    request.socket.uncork()
  }
  return {
    caller: callerOf(Array.isArray(forwarded) ? forwarded.join(',') : forwarded, request.socket.remoteAddress),
    get isOpen() {
      return socket.readyState === WebSocket.OPEN
    },
    sendTexts,
    send: (message) => sendTexts([encoded(message)]),
    close: (code, reason) => socket.close(code, reason),
  }
}

function encoded(message: ServerMessage): string {
  return JSON.stringify(message)
}
