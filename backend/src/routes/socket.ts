import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Drainable } from '../services/drain/drain.ts'
import type { Log } from '../services/log.ts'
import type { Presence } from '../services/presence.ts'
import type { Config } from '../types/config.ts'
import { maxMessageBytes, parseClientMessage, type ServerMessage } from '../types/messages.ts'
import { leaverOf } from './leaver.ts'

const unavailable: ServerMessage = { type: 'error', code: 'unavailable', message: 'the database does not answer' }

/**
 * The WebSocket side: welcome, ping and pong, heartbeat.
 *
 * While DynamoDB is out, a new connection gets an error message and is closed with 1011 (it could not be counted), an
 * open one stays and gets an error message for each ping; the row is written again with the first heartbeat that succeeds.
 */
export function createSockets(config: Config, presence: Presence, log: Log) {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false })
  /** One for each connection whose row is not removed yet. */
  const open = new Set<Promise<void>>()

  function serve(socket: WebSocket): void {
    const id = randomUUID()
    const send = (message: ServerMessage) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    }

    async function welcome(): Promise<void> {
      try {
        await presence.join(id)
        send({ type: 'welcome', connectionId: id, release: config.release, players: await presence.players() })
      } catch (error) {
        log.error('a connection could not be recorded', { connectionId: id, error })
        send(unavailable)
        socket.close(1011, 'database unavailable')
      }
    }

    async function answer(text: string): Promise<void> {
      if (socket.readyState !== WebSocket.OPEN) return
      const message = parseClientMessage(text)
      if (message.type === 'malformed') return send({ type: 'error', code: 'bad_message', message: message.problem })
      try {
        const [connectedSince, players] = await Promise.all([presence.connectedSince(id), presence.players()])
        send({ type: 'pong', id: message.id, connectedSince, players })
      } catch (error) {
        // the row of a client that left meanwhile is rightly gone
        if (socket.readyState !== WebSocket.OPEN) return
        log.error('a ping could not be answered', { connectionId: id, error })
        send(unavailable)
      }
    }

    // one message at a time, in order, after the welcome; reading pauses meanwhile, so a flood waits in the client's own buffers
    let turn = welcome()
    let waiting = 0
    socket.on('message', (data: Buffer) => {
      waiting += 1
      socket.pause()
      turn = turn
        .then(() => answer(data.toString()))
        .finally(() => {
          waiting -= 1
          if (waiting === 0) socket.resume()
        })
    })

    let answered = true
    socket.on('pong', () => {
      answered = true
    })
    const heartbeat = setInterval(() => {
      if (!answered) return socket.terminate()
      answered = false
      socket.ping()
      presence
        .refresh(id)
        .catch((error: unknown) => log.warn('a heartbeat was not recorded', { connectionId: id, error }))
    }, config.heartbeatSeconds * 1_000)

    // ws closes the connection itself after an error such as a message too long; unheard, the event would end the process
    socket.on('error', (error) => log.debug('a connection broke', { connectionId: id, error }))

    log.debug('connected', { connectionId: id })
    const gone = new Promise<void>((resolve) => {
      socket.once('close', (code) => {
        clearInterval(heartbeat)
        log.debug('disconnected', { connectionId: id, code })
        presence
          .leave(id)
          .catch((error: unknown) => log.warn('a connection’s row was left to expire', { connectionId: id, error }))
          .finally(resolve)
      })
    })
    open.add(gone)
    void gone.then(() => open.delete(gone))
  }

  return {
    accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      server.handleUpgrade(request, socket, head, serve)
    },

    /** Unwritten are the rows to remove; those that DynamoDB does not take back in time expire by themselves. */
    drainable: {
      connected: () => server.clients.size,
      leavers: () => [...server.clients].map(leaverOf),
      unwritten: () => open.size,
      closesIn: () => undefined,
      prepare: () => {},
      cut: () => {
        for (const socket of server.clients) socket.terminate()
      },
    } satisfies Drainable,
  }
}
