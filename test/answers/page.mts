import { setTimeout as sleep } from 'node:timers/promises'
import { keepConnected } from '../../backend/local/demo/socket.ts'
import type { ClientMessage, ServerMessage, StateMessage } from '../../backend/src/types/protocol.ts'
import type { World } from './world.mts'

interface PageOptions {
  world: World
  /** Which task it prefers, where it can choose. */
  home: number
  /** What it says first on each new connection. */
  greeting: () => ClientMessage
  hear: (message: ServerMessage) => void
}

/** One page, which keeps the client rules; its network can be cut. */
export function openPage({ world, home, greeting, hear }: PageOptions) {
  let state: Omit<StateMessage, 'type'> | undefined
  let attempts = 0
  let isAsleep = false
  let problem: unknown
  let lostAt: number | undefined
  let entered = 0
  /** Milliseconds, each time that it was in no longer, until it was in again. */
  const gaps: number[] = []
  const waiting = new Set<() => void>()
  let disturb = (): void => {}
  const disturbed = new Promise<void>((resolve) => (disturb = resolve))

  const connection = keepConnected(
    { url: address, heartbeat: world.heartbeatSeconds * 1_000 },
    {
      greet: greeting,
      receive(message) {
        if (message.type === 'snapshot') enter(message.state)
        if (message.type === 'state' && message.version >= (state?.version ?? 0)) state = message
        if (message.type === 'leaving') disturb()
        hear(message)
        look()
      },
      lost() {
        lostAt = performance.now()
        disturb()
      },
    },
  )
  world.pages.add(connection)
  connection.ended.catch((error: unknown) => {
    problem = error
    look()
  })

  function address(): string | undefined {
    if (isAsleep) return undefined
    const origins = world.origins()
    const origin = origins[(home + attempts) % origins.length]
    attempts += 1
    return origin && `${origin.replace('http', 'ws')}/ws`
  }

  function enter(snapshot: NonNullable<typeof state>): void {
    state = snapshot
    entered += 1
    if (lostAt !== undefined) gaps.push(performance.now() - lostAt)
    lostAt = undefined
  }

  function look(): void {
    for (const each of waiting) each()
  }

  return {
    get state(): Omit<StateMessage, 'type'> | undefined {
      return state
    },
    gaps,
    /** It has not lost its connection, or is in again. */
    isIn: () => lostAt === undefined,
    /** How often it has entered. */
    entered: () => entered,
    /** Resolves when it was asked to leave, or lost its connection, for the first time. */
    disturbed,
    send: connection.send,
    close: connection.close,
    /** Reload: the connection ends at once, and a new one is opened. */
    reload: connection.drop,

    /** Resolves when it is so, looked at after each message. */
    async until(isSo: () => boolean, within = 60_000): Promise<void> {
      let check = () => {}
      let timer: NodeJS.Timeout | undefined
      try {
        await new Promise<void>((resolve, reject) => {
          check = () => {
            if (isSo()) resolve()
            else if (problem) reject(problem)
          }
          timer = setTimeout(() => reject(new Error(`not within ${within} ms: ${String(isSo)}`)), within)
          waiting.add(check)
          check()
        })
      } finally {
        clearTimeout(timer)
        waiting.delete(check)
      }
    },

    /** The network is dead for so long. */
    async sleep(milliseconds: number): Promise<void> {
      isAsleep = true
      connection.drop()
      await sleep(milliseconds)
      isAsleep = false
    },
  }
}

export type Page = ReturnType<typeof openPage>
