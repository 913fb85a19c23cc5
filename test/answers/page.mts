import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import {
  type ClientMessage,
  readServerMessage,
  type ServerMessage,
  type StateMessage,
} from '../../backend/src/types/protocol.ts'
import { heartbeatSeconds, type World } from './world.mts'

/** A page comes back within so many milliseconds when it is told of a restart, and within more when it is not. */
const soon = 300
const later = 1_000
/** It takes a task for dead that said nothing for so long, in milliseconds. */
const deadAfter = heartbeatSeconds * 2_500

export interface PageOptions {
  world: World
  /** Which task it prefers. */
  home: number
  /** What it says first on each new connection. */
  greeting: () => ClientMessage
  hear: (message: ServerMessage) => void
}

/**
 * One page that stays connected, as the client rules ask: it comes back after each loss, gives up a silent task, and
 * opens the second connection before it leaves the first.
 */
export function openPage({ world, home, greeting, hear }: PageOptions) {
  let socket: WebSocket | undefined
  let state: Omit<StateMessage, 'type'> | undefined
  let isClosed = false
  let asleep: Promise<unknown> | undefined
  const waiting = new Set<() => void>()
  let attempts = 0

  function listen(to: WebSocket, entered: () => void): void {
    let heardAt = Date.now()
    const watch = setInterval(() => {
      if (Date.now() - heardAt > deadAfter) to.terminate()
    }, 250)
    to.on('message', (data: Buffer) => {
      heardAt = Date.now()
      const read = readServerMessage(data.toString())
      if ('problem' in read) throw new Error(read.problem)
      const { message } = read
      if (message.type === 'welcome') to.send(JSON.stringify(greeting()))
      if (message.type === 'snapshot') {
        state = message.state
        entered()
      }
      if (message.type === 'state' && to === socket && message.version >= (state?.version ?? 0)) state = message
      if (message.type === 'leaving') void moveOn(to)
      hear(message)
      for (const look of waiting) look()
    })
    to.on('error', () => {})
    to.on('close', (code) => {
      clearInterval(watch)
      if (to !== socket) return
      socket = undefined
      if (!isClosed) void comeBack(code === 1012 ? soon : later)
    })
  }

  /** Resolves when the page has entered on a new connection, or that one is closed. */
  async function connect(): Promise<void> {
    const targets = world.targets()
    const target = targets[(home + attempts) % targets.length]
    attempts += 1
    if (!target) return void comeBack(later)
    const opened = new WebSocket(`ws://127.0.0.1:${target.port}/ws`)
    await new Promise<void>((resolve) => {
      opened.on('close', () => resolve())
      const previous = socket
      if (!previous) socket = opened
      listen(opened, () => {
        socket = opened
        if (previous && previous !== opened) previous.close()
        resolve()
      })
    })
  }

  async function moveOn(from: WebSocket): Promise<void> {
    attempts += 1
    if (from === socket && !isClosed) await connect()
  }

  async function comeBack(within: number): Promise<void> {
    await sleep(Math.random() * within)
    await asleep
    if (!isClosed && !socket) await connect()
  }

  return {
    open: connect,

    get state(): Omit<StateMessage, 'type'> | undefined {
      return state
    },

    send(message: ClientMessage): void {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },

    /** Resolves when it is so, looked at after each message. */
    async until(isSo: () => boolean, within = 60_000): Promise<void> {
      let look = () => {}
      let timer: NodeJS.Timeout | undefined
      try {
        await new Promise<void>((resolve, reject) => {
          look = () => {
            if (isSo()) resolve()
          }
          timer = setTimeout(() => reject(new Error(`not within ${within} ms: ${String(isSo)}`)), within)
          waiting.add(look)
          look()
        })
      } finally {
        clearTimeout(timer)
        waiting.delete(look)
      }
    },

    /** The network is dead for so long. */
    async sleep(milliseconds: number): Promise<void> {
      asleep = sleep(milliseconds)
      socket?.terminate()
      await asleep
      asleep = undefined
    },

    /** Reload: the connection ends at once, and a new one is opened. */
    reload(): void {
      socket?.terminate()
    },

    close(): void {
      isClosed = true
      socket?.close()
    },
  }
}

export type Page = ReturnType<typeof openPage>
