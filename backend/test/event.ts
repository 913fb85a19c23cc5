import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { ServerMessage } from '../src/types/protocol.ts'
import { protocolVersion } from '../src/types/protocol.ts'
import type { EventSettings, Quiz } from '../src/types/quiz.ts'
import { adminSecret, client, page } from './backend.ts'
import { question, quiz } from './quiz-fixtures.ts'

export interface StartedEvent {
  id: string
  code: string
  hostToken: string
  screenToken: string
}

/** Three questions: a single choice without a time limit, one of 5 seconds, and a poll. */
const threeQuestions = quiz({
  questions: [
    question({ seconds: null }),
    question({ seconds: 5 }),
    question({ type: 'poll', right: [], seconds: null, points: 0 }),
  ],
})

/** Stores a quiz and starts an event with it; questions open one second after they are asked. */
export async function startEvent(
  http: string,
  settings: Partial<EventSettings> = {},
  content: Quiz = threeQuestions,
): Promise<StartedEvent> {
  const ask = client(http, adminSecret)
  const { id } = (await ask<{ id: string }>('POST /api/quizzes', content)).body
  const started = await ask<StartedEvent>('POST /api/events', {
    quiz: id,
    settings: { getReadySeconds: 1, ...settings },
  })
  if (started.status !== 201) throw new Error(JSON.stringify(started.body))
  return started.body
}

/** What a test waits for comes within a second or two on a quiet machine. Milliseconds. */
const patience = 30_000

type Message<Type> = Extract<ServerMessage, { type: Type }>

/** A page that understands the protocol. */
export function quizPage(t: TestContext, url: string) {
  const { socket, closed, next, send } = page(t, url)
  let ids = 0

  const last = new Map<string, ServerMessage>()

  async function take(): Promise<ServerMessage> {
    const message = (await next()) as unknown as ServerMessage
    last.set(message.type, message)
    return message
  }

  /** The next message of this type that is as wanted; what comes before it is passed over. */
  async function until<Type extends ServerMessage['type']>(
    type: Type,
    wanted: (message: Message<Type>) => boolean = () => true,
  ): Promise<Message<Type>> {
    const began = Date.now()
    while (Date.now() - began < patience) {
      const message = await take()
      if (message.type === type && wanted(message as Message<Type>)) return message as Message<Type>
    }
    throw new Error(`no ${type} as wanted in ${patience / 1_000} s, the last one: ${JSON.stringify(last.get(type))}`)
  }

  /** The last message of this type if it is as wanted, or the next that is: it is not sent again before it changes. */
  async function shows<Type extends 'counts' | 'roster'>(
    type: Type,
    wanted: (message: Message<Type>) => boolean,
  ): Promise<Message<Type>> {
    const message = last.get(type) as Message<Type> | undefined
    return message && wanted(message) ? message : await until(type, wanted)
  }

  return {
    socket,
    closed,
    next,
    send,
    until,
    shows,

    async enter(role: string, event: string, token: string, protocol = protocolVersion): Promise<Message<'snapshot'>> {
      await until('welcome')
      send({ type: 'enter', role, event, token, protocol })
      return await until('snapshot')
    },

    /** `joined`, or how it was refused. */
    async join(code: string, name: string, id = randomBytes(16).toString('base64url')) {
      await until('welcome')
      return await this.joinAgain(code, name, id)
    },

    /** The same on a connection that was welcomed already. */
    async joinAgain(code: string, name: string, id = randomBytes(16).toString('base64url')) {
      send({ type: 'join', id, code, name })
      const began = Date.now()
      while (Date.now() - began < patience) {
        const message = await take()
        if (message.type === 'joined' || message.type === 'refused') return message
      }
      throw new Error(`neither joined nor refused in ${patience / 1_000} s`)
    },

    /** The acknowledgement. */
    async answer(questionNumber: number, choices: number[], at = Date.now(), id = `answer ${(ids += 1)}`) {
      send({ type: 'answer', id, question: questionNumber, choices, at })
      return await until('ack', (ack) => ack.id === id)
    },

    async command(name: string, version: number, fields: object = {}): Promise<Message<'done'>> {
      const id = `command ${(ids += 1)}`
      send({ type: 'command', id, name, version, ...fields })
      return await until('done', (done) => done.id === id)
    },
  }
}

export type QuizPage = ReturnType<typeof quizPage>

/** A player who is in the lobby. */
export async function player(t: TestContext, url: string, code: string, name: string) {
  const joining = quizPage(t, url)
  const joined = await joining.join(code, name)
  if (joined.type !== 'joined') throw new Error(`${name} was refused: ${joined.code}`)
  const snapshot = await joining.until('snapshot')
  return { ...joining, token: joined.token, no: joined.player.player, snapshot }
}

/** A host; `run` gives a command with the version that the last one led to. */
export async function host(t: TestContext, url: string, { id, hostToken }: StartedEvent) {
  const hosting = quizPage(t, url)
  const snapshot = await hosting.enter('host', id, hostToken)
  let { version } = snapshot.state
  return {
    ...hosting,
    snapshot,
    async run(name: string, fields: object = {}): Promise<string> {
      const done = await hosting.command(name, version, fields)
      version = done.version
      return done.status
    },
    /** Takes the version of a change that nobody commanded. */
    async see(phase: string): Promise<void> {
      const state = await hosting.until('state', (each) => each.phase === phase)
      version = state.version
    },
  }
}
