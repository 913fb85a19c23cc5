import * as v from 'valibot'
import type { Answer } from '../../../backend/src/types/protocol.ts'
import { browserStorage, type Store } from './storage.ts'

export type Waiting = Omit<Answer, 'type'>

interface Outbox {
  /** Answers that no server has acknowledged, the oldest first. */
  waiting: () => Waiting[]
  /** False: the browser does not let the page keep it; it is sent, but would not survive a reload. */
  add: (answer: Waiting) => boolean
  /** The answer with that id is settled, whatever became of it; returns it. */
  settle: (id: string) => Waiting | undefined
}

const keptSchema = v.array(
  v.object({ id: v.string(), question: v.number(), choices: v.array(v.number()), at: v.number() }),
)
const keyOf = (token: string) => `live-quiz:answers:${token}`

/**
 * Answers on their way, by the player's token, in the browser's storage: they survive a reload, a phone that sleeps and a
 * tab that the system kills. All tabs of a player share it, so it is read again for every change. Who joins on the same
 * phone later has another token, and does not answer with what was left behind.
 */
export function openOutbox(token: string, store: Store = browserStorage()): Outbox {
  /** What could not be stored. */
  let unkept: Waiting[] = []

  const stored = (): Waiting[] => {
    try {
      const read = v.safeParse(keptSchema, JSON.parse(store.getItem(keyOf(token)) ?? '[]'))
      // an older release may have kept something else; it is of no use any more
      return read.success ? read.output : []
    } catch {
      return []
    }
  }

  const keep = (answers: Waiting[]): boolean => {
    try {
      if (answers.length === 0) store.removeItem(keyOf(token))
      else store.setItem(keyOf(token), JSON.stringify(answers))
      return true
    } catch {
      return false
    }
  }

  return {
    waiting: () => [...stored(), ...unkept],
    add: (answer) => {
      const isKept = keep([...stored(), answer])
      if (!isKept) unkept = [...unkept, answer]
      return isKept
    },
    settle: (id) => {
      const kept = stored()
      const settled = [...kept, ...unkept].find((answer) => answer.id === id)
      unkept = unkept.filter((answer) => answer.id !== id)
      if (kept.some((answer) => answer.id === id)) keep(kept.filter((answer) => answer.id !== id))
      return settled
    },
  }
}
