import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type ClientMessage, readServerMessage, type ServerMessage } from '../../src/types/protocol.ts'

/** How a simulated page reaches the system. */
export interface Way {
  /** `wss://quiz.example/ws` */
  url: string
  /** Through a proxy. */
  agent?: Agent | undefined
  headers?: Record<string, string>
}

export type Connection = ReturnType<typeof keepConnected>

/** Longest wait for a handshake, in milliseconds. */
const patience = 10_000

/**
 * A connection that comes back by itself, until it is closed or the server closes it for good (44xx). `greet` is what is
 * said first on each. `ended` rejects when the server says what is not of the protocol, and with
 * what `receive` throws.
 */
export function keepConnected(
  { url, agent, headers = {} }: Way,
  greet: () => ClientMessage,
  receive: (message: ServerMessage) => void,
) {
  let socket: WebSocket | undefined
  let isOver = false
  let lost = 0
  let problem: Error | undefined

  function close(): void {
    isOver = true
    socket?.close()
  }

  function hear(text: string): void {
    try {
      const read = readServerMessage(text)
      if ('problem' in read) throw new Error(`the server sent what is not of the protocol: ${read.problem}`)
      receive(read.message)
    } catch (error) {
      problem = error as Error
      close()
    }
  }

  /** @returns the code with which the connection ended. */
  async function connect(): Promise<number> {
    const opened = new WebSocket(url, { handshakeTimeout: patience, headers, ...(agent ? { agent } : {}) })
    socket = opened
    opened.on('open', () => opened.send(JSON.stringify(greet())))
    opened.on('message', (data: Buffer) => hear(data.toString()))
    // a close always follows, and says all there is to know
    opened.on('error', () => {})
    return await new Promise((resolve) => opened.once('close', resolve))
  }

  async function stayConnected(): Promise<void> {
    while (!isOver) {
      const code = await connect()
      if (problem) throw problem
      if (code >= 4_400) isOver = true
      if (isOver) return
      lost += 1
      await sleep(200 + 800 * Math.random())
    }
  }

  return {
    ended: stayConnected(),
    close,
    /** How often the connection was lost. */
    lost: () => lost,
    send(message: ClientMessage): void {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
  }
}
