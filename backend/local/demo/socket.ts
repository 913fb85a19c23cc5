import type { Agent } from 'node:http'
import { WebSocket } from 'ws'
import { type ClientMessage, closeCodes, readServerMessage, type ServerMessage } from '../../src/types/protocol.ts'

/** How a simulated page reaches the system. */
export interface Way {
  /** `wss://quiz.example/ws`; a function is asked before each connection: undefined, nothing can be reached now. */
  url: string | (() => string | undefined)
  /** Through a proxy. */
  agent?: Agent | undefined
  headers?: Record<string, string>
  /** The server's, in milliseconds, until two of its heartbeats were heard. */
  heartbeat?: number
}

export interface Listener {
  /** What is said first on each connection. */
  greet: () => ClientMessage
  receive: (message: ServerMessage) => void
  /** A connection that had entered ended, and no other one has entered yet. */
  lost?: () => void
}

export type Connection = ReturnType<typeof keepConnected>

/** Longest wait for a handshake, in milliseconds. */
const patience = 10_000
const usualHeartbeat = 25_000
const heartbeatsUntilDead = 2.5

/**
 * A connection that comes back by itself, by the rules of our pages, until it is closed or the server closes it for good
 * (44xx). A task that says it is leaving is left without a gap: the second connection enters before the first is closed.
 * `ended` rejects when the server says what is not of the protocol, and with what `receive` throws.
 */
export function keepConnected(way: Way, { greet, receive, lost = () => {} }: Listener) {
  let current: WebSocket | undefined
  /** On its way to replace `current`. */
  let next: WebSocket | undefined
  /** Those whose task has said that it is leaving. */
  const leaving = new WeakSet<WebSocket>()
  let hasEntered = false
  let isOver = false
  let losses = 0
  let retry: NodeJS.Timeout | undefined
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const ended = new Promise<void>((...settle) => ([resolve, reject] = settle))

  function open(): WebSocket | undefined {
    const url = typeof way.url === 'string' ? way.url : way.url()
    if (url === undefined) return undefined
    const { agent, headers = {} } = way
    const opened = new WebSocket(url, { handshakeTimeout: patience, headers, ...(agent ? { agent } : {}) })
    listen(opened)
    return opened
  }

  function listen(socket: WebSocket): void {
    let heartbeat = way.heartbeat ?? usualHeartbeat
    let beatAt: number | undefined
    let silence: NodeJS.Timeout | undefined
    const expectSound = () => {
      clearTimeout(silence)
      silence = setTimeout(() => socket.terminate(), heartbeat * heartbeatsUntilDead)
    }
    expectSound()
    socket.on('message', (data: Buffer) => {
      const read = readServerMessage(data.toString())
      if ('problem' in read) return fail(new Error(`the server sent what is not of the protocol: ${read.problem}`))
      if (read.message.type === 'heartbeat') {
        const now = performance.now()
        if (beatAt !== undefined) heartbeat = now - beatAt
        beatAt = now
      }
      expectSound()
      hear(socket, read.message)
    })
    // a close always follows, and says all there is to know
    socket.on('error', () => {})
    socket.once('close', (code) => {
      clearTimeout(silence)
      closed(socket, code)
    })
  }

  function hear(socket: WebSocket, message: ServerMessage): void {
    if (message.type === 'welcome') socket.send(JSON.stringify(greet()))
    if (message.type === 'leaving') leaving.add(socket)
    if (message.type === 'snapshot') enter(socket)
    if (socket !== current) return
    // told before it let in, it is left as soon as it has
    if (leaving.has(socket) && (message.type === 'leaving' || message.type === 'snapshot')) replace()
    try {
      receive(message)
    } catch (error) {
      fail(error)
    }
  }

  function enter(socket: WebSocket): void {
    if (socket === next) {
      const previous = current
      current = next
      next = undefined
      previous?.close()
    }
    if (socket === current) hasEntered = true
  }

  function closed(socket: WebSocket, code: number): void {
    if (socket === next) {
      next = undefined
      // the first one still serves
      if (!isOver) retry = setTimeout(replace, delayAfter(code))
      return
    }
    if (socket !== current) return
    current = next
    next = undefined
    if (code >= 4_400) isOver = true
    if (isOver) return resolve()
    if (hasEntered) {
      hasEntered = false
      losses += 1
      lost()
    }
    if (!current) comeBack(delayAfter(code))
  }

  function comeBack(after: number): void {
    clearTimeout(retry)
    retry = setTimeout(connect, after)
  }

  function connect(): void {
    current = open()
    if (!current) comeBack(delayAfter())
  }

  function replace(): void {
    if (isOver || !hasEntered || next) return
    clearTimeout(retry)
    next = open()
    if (!next) retry = setTimeout(replace, delayAfter())
  }

  function close(): void {
    if (isOver) return
    isOver = true
    clearTimeout(retry)
    next?.close()
    if (current) current.close()
    else resolve()
  }

  function fail(error: unknown): void {
    reject(error)
    close()
  }

  connect()

  return {
    ended,
    close,
    /** How often the connection was lost. */
    lost: () => losses,
    /** Ends the connection as a dead network does; it comes back. */
    drop(): void {
      next?.terminate()
      current?.terminate()
    },
    send(message: ClientMessage): void {
      if (current?.readyState === WebSocket.OPEN) current.send(JSON.stringify(message))
    },
  }
}

/** Milliseconds until the next attempt: after a restart another task is ready. */
function delayAfter(code?: number): number {
  if (code === closeCodes.tryLater) return between(5_000, 15_000)
  return code === closeCodes.restart ? between(100, 1_000) : between(500, 1_000)
}

function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}
