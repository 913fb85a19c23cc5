import { randomUUID } from 'node:crypto'
import { type Command, protocolVersion, type ServerMessage } from '../../src/types/protocol.ts'
import { keepConnected, type Way } from './socket.ts'

type State = Extract<ServerMessage, { type: 'snapshot' }>['state']

/**
 * A host who plays the event from its first question to its end, and says each step. Questions close when everyone has
 * answered, or at their time; with `reveal: auto` the result follows by itself. Results and boards stay for `reading`
 * milliseconds.
 */
export function createHost(
  way: Way,
  { id: event, hostToken: token }: { id: string; hostToken: string },
  reading: number,
  say: (text: string) => void,
) {
  let state: State | undefined
  let questions = 0
  let isPlaying = false
  /** The version for which the next step is planned: a step is taken once. */
  let planned = -1
  let next: NodeJS.Timeout | undefined

  const connection = keepConnected(way, {
    greet: () => ({ type: 'enter', role: 'host', event, token, protocol: protocolVersion }),
    receive(message) {
      if (message.type === 'snapshot') questions = message.event.questions
      if (message.type === 'snapshot') see(message.state)
      if (message.type === 'state') see(message)
    },
  })

  function see(seen: State): void {
    const isNew = seen.phase !== state?.phase || seen.question !== state.question
    state = seen
    if (!isPlaying) return
    if (isNew && seen.phase !== 'lobby') say(described(seen))
    if (seen.phase === 'ended') return connection.close()
    if (planned === seen.version) return
    planned = seen.version
    clearTimeout(next)
    next = setTimeout(goOn, seen.phase === 'lobby' ? 0 : reading)
  }

  function goOn(): void {
    if (!state) return
    const { phase, question, version } = state
    const following = (question ?? -1) + 1
    const common = { type: 'command', id: randomUUID(), version } as const
    const steps: Partial<Record<State['phase'], Command>> = {
      lobby: { ...common, name: 'ask', question: 0 },
      revealed: { ...common, name: 'board' },
      board: following < questions ? { ...common, name: 'ask', question: following } : { ...common, name: 'end' },
    }
    const step = steps[phase]
    if (!step) return
    connection.send(step)
    // on a connection that broke meanwhile nobody hears it
    next = setTimeout(goOn, reading + 4_000)
  }

  function described({ phase, question, players }: State): string {
    const number = `question ${(question ?? 0) + 1} of ${questions}`
    if (phase === 'question') return `${number} is asked`
    if (phase === 'ended') return `the event has ended, with ${players} players`
    return phase === 'board' ? `the board after ${number}` : `${number} is ${phase}`
  }

  return {
    ...connection,
    /** Asks the first question, and so on. */
    play(): void {
      isPlaying = true
      if (state) see(state)
    },
    close(): void {
      clearTimeout(next)
      connection.close()
    },
  }
}
