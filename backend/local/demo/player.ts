import { randomUUID } from 'node:crypto'
import { type Answer, protocolVersion, type QuestionMessage, type ServerMessage } from '../../src/types/protocol.ts'
import { createToken } from '../../src/services/tokens.ts'
import { keepConnected, type Way } from './socket.ts'

/** What became of all taps, counted over all players. */
export interface Tally {
  joined: number
  tapped: number
  /** By what the server said; `already` counts as saved. */
  saved: number
  late: number
  refused: number
}

interface Person {
  code: string
  name: string
  /** From opening to the slowest tap, in milliseconds. */
  slowestTap: number
}

/** An answer that is not acknowledged is sent again after so long, in milliseconds. */
const resendAfter = 5_000

type State = Extract<ServerMessage, { type: 'snapshot' }>['state']
type Shown = Omit<QuestionMessage, 'type'>

/** A player with a phone: joins, taps something on each question, and sends it until the server has said what became of it. */
export function createPlayer(way: Way, { code, name, slowestTap }: Person, tally: Tally) {
  const joinId = createToken()
  let own: { token: string; event: string } | undefined
  let shown: Shown | undefined
  let ahead = 0
  /** By question. */
  const taps = new Map<number, { answer: Answer; isSettled: boolean }>()
  const timers = new Set<NodeJS.Timeout>()
  /** The question that will be tapped next, or was last. */
  let planned: number | undefined

  const connection = keepConnected(way, {
    greet: () =>
      own
        ? { type: 'enter', role: 'player', protocol: protocolVersion, ...own }
        : { type: 'join', id: joinId, code, name },
    receive,
  })

  function receive(message: ServerMessage): void {
    if (message.type === 'joined') {
      if (!own) tally.joined += 1
      own = { token: message.token, event: message.event }
    } else if (message.type === 'refused') {
      throw new Error(`${name} was refused: ${message.code}`)
    } else if (message.type === 'snapshot') {
      if (message.question) shown = message.question
      look(message.state)
      for (const [, { answer, isSettled }] of taps) if (!isSettled) connection.send(answer)
    } else if (message.type === 'question') {
      shown = message
    } else if (message.type === 'state') {
      look(message)
    } else if (message.type === 'ack') {
      settle(message.id, message.status)
    }
  }

  function look({ phase, question, opensAt, now }: State): void {
    ahead = now - Date.now()
    if (phase !== 'question' || question === null || opensAt === null || planned === question) return
    planned = question
    later(opensAt - now + slowestTap * (0.1 + 0.9 * Math.random()), () => tap(question))
  }

  function tap(question: number): void {
    if (!shown || shown.question !== question) return
    const answer: Answer = {
      type: 'answer',
      id: randomUUID(),
      question,
      choices: anyChoices(shown),
      at: Date.now() + ahead,
    }
    taps.set(question, { answer, isSettled: false })
    tally.tapped += 1
    send(answer)
  }

  function send(answer: Answer): void {
    if (taps.get(answer.question)?.isSettled) return
    connection.send(answer)
    later(resendAfter, () => send(answer))
  }

  function settle(id: string, status: string): void {
    const found = [...taps.values()].find(({ answer }) => answer.id === id)
    if (!found || found.isSettled) return
    found.isSettled = true
    if (status === 'saved' || status === 'already') tally.saved += 1
    else if (status === 'late') tally.late += 1
    else tally.refused += 1
  }

  function later(milliseconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, milliseconds)
    timers.add(timer)
  }

  return {
    ...connection,
    close(): void {
      for (const timer of timers) clearTimeout(timer)
      connection.close()
    },
  }
}

/** One option; of a question with several right ones perhaps more. */
function anyChoices({ kind, options }: Shown): number[] {
  const one = Math.floor(Math.random() * options.length)
  if (kind !== 'multiple') return [one]
  return options.map((_, index) => index).filter((index) => index === one || Math.random() < 0.4)
}
