import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { readServerMessage, type ServerMessage } from '../../../backend/src/types/protocol.ts'

type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

export interface SimulatedPlayer {
  name: string
  /** Taps options of the question that is open; resolves with what the server says of it. */
  answer: (question: number, choices: number[]) => Promise<Message<'ack'>>
  leave: () => void
}

/** A player without a page, over the site's own WebSocket. */
export async function joinAsPlayer(site: string, code: string, name: string): Promise<SimulatedPlayer> {
  const socket = new WebSocket(`${site.replace('http', 'ws')}/ws`, { origin: site })
  const heard = <Type extends ServerMessage['type']>(type: Type) =>
    new Promise<Message<Type>>((resolve, reject) => {
      // several messages may come at once: a listener for each single one would miss some
      const listen = (data: Buffer) => {
        const read = readServerMessage(String(data))
        if ('problem' in read) return reject(new Error(read.problem))
        const { message } = read
        if (message.type === 'refused') return reject(new Error(`${name} was refused: ${message.code}`))
        if (message.type !== type) return
        socket.off('message', listen)
        resolve(message as Message<Type>)
      }
      socket.on('message', listen).once('error', reject)
    })
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
