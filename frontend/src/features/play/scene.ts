import type { Snapshot } from '../../../../backend/src/types/protocol.ts'

/** What a player sees. `ready`: asked, but not open yet. `over`: open, but the time is up. */
export type Scene = 'lobby' | 'ready' | 'question' | 'over' | 'closed' | 'revealed' | 'board' | 'ended'

/** @param now the server's time, in milliseconds */
export function sceneOf({ state }: Snapshot, now: number): Scene {
  const { phase, opensAt, closesAt } = state
  if (phase !== 'question') return phase
  if (opensAt !== null && now < opensAt) return 'ready'
  return closesAt !== null && now >= closesAt ? 'over' : 'question'
}

/** The question in view, once it has arrived: it and the state are two messages. */
export function questionOf({ state, question }: Snapshot): Snapshot['question'] {
  return question?.question === state.question ? question : null
}

/** The result of the question in view. */
export function resultOf({ state, result }: Snapshot): Snapshot['result'] {
  return result?.question === state.question ? result : null
}
