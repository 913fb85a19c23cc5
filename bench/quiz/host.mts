import { once } from 'node:events'
import { WebSocket } from 'ws'
import { quizClient, type StartedEvent } from '../../backend/local/quiz-client.ts'
import { protocolVersion, type ServerMessage } from '../../backend/src/types/protocol.ts'
import type { Quiz } from '../../backend/src/types/quiz.ts'
import { clock } from './parts.mts'

/** An event that is not the players' own: its host, with the clicks that a bench needs. */
export type Host = Awaited<ReturnType<typeof openHost>>

const settings = { getReadySeconds: 1, reveal: 'host' } as const

/** A quiz of so many questions, each of 30 seconds. */
function quizOf(questions: number): Quiz {
  return {
    title: 'Bench',
    language: 'en',
    questions: Array.from({ length: questions }, (_, index) => ({
      type: 'single' as const,
      text: `Which of these four towns is farthest from the sea, by road, in question ${index + 1}?`,
      options: ['Lyon', 'Madrid', 'Kazan', 'Ulan Bator'],
      right: [index % 4],
      seconds: 30,
      points: 1_000 as const,
      explanation: 'As the crow flies it would be another one.',
      image: null,
    })),
  }
}

/** @param http of a task */
export async function startEvent(http: string, adminSecret: string, questions: number): Promise<StartedEvent> {
  return await quizClient(http, adminSecret).startEvent(quizOf(questions), settings)
}

/** Resolves when the snapshot is there. @param port of a task */
export async function openHost(port: number, { id, hostToken }: StartedEvent) {
  return await openWatcher(port, id, 'host', hostToken)
}

/** How long a screen waits for its snapshot, in milliseconds: on a fresh task, for the whole log. */
export async function timeScreen(port: number, { id, screenToken }: StartedEvent): Promise<number> {
  const screen = await openWatcher(port, id, 'screen', screenToken)
  screen.leave()
  return screen.took
}

async function openWatcher(port: number, event: string, role: 'host' | 'screen', token: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  const state = { version: 0, opensAt: 0, phase: '' }
  let began = 0
  let took = 0
  let ids = 0
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as ServerMessage
    if (message.type === 'welcome') {
      began = clock()
      socket.send(JSON.stringify({ type: 'enter', role, event, token, protocol: protocolVersion }))
    } else if (message.type === 'snapshot') {
      took = clock() - began
      take(message.state)
      socket.emit('snapshot')
    } else if (message.type === 'state') take(message)
    else if (message.type === 'done') socket.emit('done', message)
  })
  function take({ version, opensAt, phase }: { version: number; opensAt: number | null; phase: string }): void {
    Object.assign(state, { version, opensAt: opensAt ?? 0, phase })
    socket.emit('state')
  }
  const gone = once(socket, 'close').then(([code]) => {
    throw new Error(`the ${role} was closed with ${code}`)
  })
  gone.catch(() => {})
  /** Rejects when the connection is lost. */
  const next = async (what: string): Promise<unknown[]> => await Promise.race([once(socket, what), gone])
  await next('snapshot')

  return {
    took,
    /** When the question that was asked last opens, as `Date.now()` counts. */
    opensAt: () => state.opensAt,

    async until(phase: string): Promise<void> {
      while (state.phase !== phase) await next('state')
    },

    /** When the button was pressed, on `clock`. Resolves when it is done; rejects when it was refused. */
    async click(name: string, fields: object = {}): Promise<number> {
      const id = `c${(ids += 1)}`
      const at = clock()
      socket.send(JSON.stringify({ type: 'command', id, name, version: state.version, ...fields }))
      for (;;) {
        const [done] = (await next('done')) as [Extract<ServerMessage, { type: 'done' }>]
        if (done.id !== id) continue
        if (done.status !== 'ok') throw new Error(`${name} was ${done.status}`)
        return at
      }
    },

    leave: () => socket.terminate(),
  }
}
