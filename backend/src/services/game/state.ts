import type { Phase } from '../../types/protocol.ts'
import type { Question } from '../../types/quiz.ts'
import type { Created } from '../../types/records.ts'

/**
 * After ten minutes without a record, the other tasks read the log every five seconds only: a question must open when
 * all of them have it. A little earlier than that, because clocks differ. Milliseconds.
 */
export const quiet = 9.5 * 60_000
export const longestSleep = 5_000

/** What an event is, folded from its log: equal on every task that has read as far. Times are milliseconds. */
export interface EventState {
  created: Created
  /** The last item that is folded in, and when it was written. */
  number: number
  writtenAt: number
  /** When every task reads the log fast again, after it was quiet. */
  awakeAt: number
  phase: Phase
  /** Counts the changes of phase, and of the time at which a question closes. */
  version: number
  locked: boolean
  /** In the order of joining: player n is at n - 1. */
  players: Player[]
  /** Players that were not removed. */
  playing: number
  /** By the hash of their token; also those that were removed. */
  byToken: Map<string, Player>
  /** Whose each name is or was, by `nameKey`. */
  byName: Map<string, Player>
  /** By question, in the order in which they were asked. */
  asked: Map<number, Asked>
  /** The one that was asked last. */
  current: Asked | undefined
  startedAt: number | undefined
  endedAt: number | undefined
}

export interface Player {
  /** From 1. */
  no: number
  name: string
  tokenHash: string
  standing: 'in' | 'removed' | 'banned'
  /** Points, right answers and answers of the questions that are revealed, and the milliseconds that these took. */
  score: number
  right: number
  answered: number
  taken: number
}

export interface Asked {
  question: number
  opensAt: number
  /** null without a time limit. */
  closesAt: number | null
  progress: 'open' | 'closing' | 'closed' | 'revealed' | 'skipped'
  /** By player number: the options as bits, milliseconds taken. */
  answers: Map<number, Given>
  /** Those that came too late and count for nothing. */
  late: Map<number, Given>
  /** How many had joined when it closed: who came later has not missed it. */
  joined: number
}

export interface Given {
  choices: number
  taken: number
}

export function emptyState(created: Created): EventState {
  return {
    created,
    number: 0,
    writtenAt: 0,
    awakeAt: 0,
    phase: 'lobby',
    version: 0,
    locked: false,
    players: [],
    playing: 0,
    byToken: new Map(),
    byName: new Map(),
    asked: new Map(),
    current: undefined,
    startedAt: undefined,
    endedAt: undefined,
  }
}

/** Throws on a number that the quiz has not; callers check it where it comes from outside. */
export function questionAt(state: EventState, question: number): Question {
  const found = state.created.quiz.questions[question]
  if (!found) throw new RangeError(`the quiz has no question ${question}`)
  return found
}
