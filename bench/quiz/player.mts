import { randomBytes } from 'node:crypto'
import { reconnectDelayMs } from '../../frontend/src/lib/backoff.ts'
import { protocolVersion } from '../../backend/src/types/protocol.ts'
import { clock } from './parts.mts'
import { openRawSocket, type RawSocket } from './raw-socket.mts'

/** What the players of an event are waited for: a change of phase, seen in its `state`. */
interface Arrivals {
  phase: string
  question: number
  /** When each player got it, in milliseconds of `clock`. */
  at: number[]
}

/** What all players of a process share. */
export interface Crowd {
  /** By the place of the event's code. */
  arrivals: Map<number, Arrivals>
  errors: string[]
}

export type Player = ReturnType<typeof createPlayer>

/** Without vowels and digits, of which some mean something that the backend refuses. */
function nameOf(index: number): string {
  return `Q${index.toString(16).replaceAll(/./g, (digit) => 'bcdfghjklmnprtwz'[Number.parseInt(digit, 16)]!)}`
}

const welcome = '{"type":"welcome"'
const idAndStatus = /"id":"(\w+)","status":"(\w+)"/
const phaseAndQuestion = /"phase":"(\w+)","question":(\d+|null)/

/**
 * A player as the page has it, reduced to what is measured: messages to everyone are not taken apart.
 * @param index counts over all players of the run, who take turns with ports and codes
 */
export function createPlayer(index: number, ports: readonly number[], codes: readonly string[], crowd: Crowd) {
  const place = index % codes.length
  const viewer = `10.${(index >> 14) & 127}.${(index >> 7) & 127}.${index & 127}`
  /** Which of the ports it connects to. */
  let turn = index
  let socket: RawSocket | undefined
  let token: string | undefined
  let event = ''
  let isLeaving = false
  let failures = 0
  let ready: ((at: number) => void) | undefined
  let acknowledged: ((status: string) => void) | undefined
  let greet = (): void => {}

  function connect(): void {
    let isWelcome = false
    const opened = openRawSocket(ports[turn % ports.length]!, viewer, {
      message(bytes) {
        // what is shared is told apart by its first letters
        const text = bytes.toString('latin1', 0, Math.min(bytes.length, 220))
        if (isWelcome) return hear(text)
        isWelcome = text.startsWith(welcome)
        if (isWelcome) greet()
      },
      close: (code) => {
        if (socket === opened) comeBack(code)
      },
    })
    socket = opened
  }

  function comeBack(code: number): void {
    socket = undefined
    if (isLeaving) return
    if (token === undefined) return void crowd.errors.push(`closed with ${code} before it had joined`)
    // the load balancer would lead it to another task
    turn += 1
    setTimeout(connect, reconnectDelayMs(failures, code))
    failures += 1
  }

  function hear(text: string): void {
    if (text.startsWith('{"type":"state"')) return arrive(text)
    if (text.startsWith('{"type":"ack"')) {
      const [, , status = ''] = idAndStatus.exec(text) ?? []
      acknowledged?.(status)
    } else if (text.startsWith('{"type":"joined"')) {
      token = /"token":"([\w-]+)"/.exec(text)?.[1]
      event = /"event":"([\w-]+)"/.exec(text)?.[1] ?? ''
      greet = () =>
        socket?.send(JSON.stringify({ type: 'enter', role: 'player', event, token, protocol: protocolVersion }))
      ready?.(clock())
    } else if (text.startsWith('{"type":"snapshot"')) {
      failures = 0
      if (token !== undefined) ready?.(clock())
    } else if (text.startsWith('{"type":"refused"') || text.startsWith('{"type":"error"')) {
      crowd.errors.push(text)
    }
  }

  function arrive(text: string): void {
    const arrivals = crowd.arrivals.get(place)
    if (!arrivals) return
    const [, phase, question] = phaseAndQuestion.exec(text) ?? []
    if (phase === arrivals.phase && Number(question) === arrivals.question) arrivals.at.push(clock())
  }

  return {
    place,

    /** Milliseconds from the first packet to `joined`. */
    async join(): Promise<number> {
      const began = clock()
      const id = randomBytes(16).toString('base64url')
      greet = () => socket?.send(JSON.stringify({ type: 'join', id, code: codes[place], name: nameOf(index) }))
      const joined = new Promise<number>((resolve) => (ready = resolve))
      connect()
      return (await joined) - began
    },

    /** Resolves when it has entered again after the connection was lost, with the time on `clock`. */
    async backAgain(): Promise<number> {
      return await new Promise((resolve) => (ready = resolve))
    },

    /** Milliseconds until the acknowledgement, and what it said. */
    async answer(question: number, choice: number): Promise<{ took: number; status: string }> {
      const began = clock()
      const answered = new Promise<string>((resolve) => (acknowledged = resolve))
      socket?.send(
        JSON.stringify({ type: 'answer', id: `a${question}x${index}`, question, choices: [choice], at: Date.now() }),
      )
      const status = await answered
      return { took: clock() - began, status }
    },

    isOn: (port: number) => socket !== undefined && ports[turn % ports.length] === port,

    leave(): void {
      isLeaving = true
      socket?.destroy()
    },
  }
}
