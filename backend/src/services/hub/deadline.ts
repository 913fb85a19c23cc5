import type { Seen } from '../../db/repositories/seen.ts'
import type { EventState } from '../game/state.ts'

/** For taps on their way, in milliseconds. */
const grace = 2_000
/** More, while a task drains or is silent: its players are on their way to another one. */
const moreGrace = 8_000
/** A task that said nothing for so long is silent; one that said nothing for longer is dead. Milliseconds. */
export const silentAfter = 3_000
export const deadAfter = 15_000
/** What other tasks said is believed for so long, in milliseconds. */
const believed = 2_500

/** What is known of the other tasks with sockets of this event. */
export interface Others {
  rows: readonly Seen[]
  /** When they were read, in milliseconds. */
  readAt: number
}

export interface Situation {
  state: EventState
  now: number
  /** On this task: players connected, and those who have not answered. */
  connected: number
  unanswered: number
  /** Undefined: not read yet. */
  others: Others | undefined
  /** This task is about to stop. */
  draining: boolean
  /** A host is here, so this task reads what the others say. */
  hasHost: boolean
}

/** `look`: it depends on the other tasks, and nothing fresh is known of them. */
export type Verdict = 'wait' | 'look' | 'close'

/** Whether the open question is to be closed now. */
export function deadlineVerdict(situation: Situation): Verdict {
  const { state, now, others, hasHost, draining } = situation
  const { current, phase } = state
  if (phase !== 'question' || !current) return 'wait'
  if (current.closesAt !== null && now >= current.closesAt + grace) {
    if (now >= current.closesAt + grace + moreGrace) return 'close'
    if (!others || now - others.readAt > believed || others.readAt < current.closesAt + grace) return 'look'
    if (!draining && !others.rows.some((row) => isInTrouble(row, now))) return 'close'
  }
  if (!hasHost || now < current.opensAt || situation.unanswered > 0) return 'wait'
  // a player may have come to another task since it was last read
  if (!others || others.readAt < state.writtenAt || now - others.readAt > believed) return 'look'
  return hasEverybodyAnswered(situation, others) ? 'close' : 'wait'
}

function isInTrouble({ at, draining }: Seen, now: number): boolean {
  const silence = now - at
  return silence < deadAfter && (draining || silence >= silentAfter)
}

/** Those of this task have. */
function hasEverybodyAnswered({ state, now, connected }: Situation, others: Others): boolean {
  const alive = others.rows.filter(({ at }) => now - at < deadAfter)
  if (connected + alive.reduce((sum, row) => sum + row.connected, 0) === 0) return false
  return alive.every((row) => {
    const isQuiet = row.connected === 0 && row.unanswered === 0 && now - row.at < silentAfter
    return isQuiet || (row.version === state.version && row.unanswered === 0 && now - row.at < silentAfter)
  })
}
