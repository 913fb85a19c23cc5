import type { Answering, Joining } from '../../types/records.ts'
import type { Outcome } from './changes.ts'
import { nameKey } from './names.ts'
import type { EventState } from './state.ts'

/** What the next item of the log would hold, decided against the state that all items before it make. */
export interface Pending {
  state: EventState
  /** Milliseconds. */
  now: number
  /** As Math.random. */
  random: () => number
  joined: Map<string, Joining>
  names: Set<string>
  /** By player; all to the current question. */
  answered: Map<number, Answering>
  /** By `question/player`. */
  late: Map<string, { question: number; answer: Answering }>
}

export interface Decided<O = Outcome> {
  outcome: O
  /**
   * The outcome holds only once this item is written: it has the change's record, or one that it was refused for. If
   * someone else's item takes the place, the change is decided again.
   */
  waits: boolean
}

export function isNameTaken({ state, names }: Pending, name: string): boolean {
  const key = nameKey(name)
  return state.byName.has(key) || names.has(key)
}
