import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { readServerMessage, type ServerMessage } from '../../../backend/src/types/protocol.ts'

type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

export interface SimulatedPlayer {
  name: string
  /** Taps an option of the question that is open; resolves with what the server says of it. */
  answer: (question: number, choices: number[]) => Promise<Message<'ack'>>
  leave: () => void
}

/** A player without a page, over the site's own WebSocket. */
export async function joinAsPlayer(site: string, code: string, name: string): Promise<SimulatedPlayer> {
  const socket = new WebSocket(`${site.replace('http', 'ws')}/ws`, { origin: site })
  const heard = async <Type extends ServerMessage['type']>(type: Type): Promise<Message<Type>> => {
    for (;;) {
      const [data] = (await once(socket, 'message')) as [Buffer]
      const read = readServerMessage(String(data))
      if ('problem' in read) throw new Error(read.problem)
      if (read.message.type === type) return read.message as Message<Type>
      if (read.message.type === 'refused') throw new Error(`${name} was refused: ${read.message.code}`)
    }
  }
  const send = (message: object) => socket.send(JSON.stringify(message))

  await heard('welcome')
  const joined = heard('joined')
  send({ type: 'join', id: randomBytes(16).toString('base64url'), code, name })
  await joined
  return {
    name,
    answer: async (question, choices) => {
      const acknowledged = heard('ack')
      send({ type: 'answer', id: `answer-${question}`, question, choices, at: Date.now() })
      return await acknowledged
    },
    leave: () => socket.close(),
  }
}
