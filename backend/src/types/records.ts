import type { EventSettings, Quiz } from './quiz.ts'

/**
 * The records of an event's log: the only truth about it. All times are milliseconds of the server. A task that meets
 * another format or a kind that it does not know stops reading: a new kind is written one release after it can be read.
 */
export const recordFormat = 1

/** The first record of each log: a frozen copy, so that later changes of the quiz or of a setting change no event. */
export interface Created {
  kind: 'created'
  event: string
  /** Six digits. */
  code: string
  quiz: Quiz
  settings: EventSettings
  maxPlayers: number
  /** How long everything about the event is kept after its end. */
  retentionDays: number
}

/** Number from 1 in the order of joining, name, SHA-256 of the token in base64url. */
export type Joining = [player: number, name: string, tokenHash: string]

/** Player, the options as bits (option 0 is 1, option 1 is 2, option 2 is 4 …), milliseconds taken. */
export type Answering = [player: number, choices: number, taken: number]

export type LogRecord =
  | Created
  | { kind: 'joined'; players: Joining[] }
  /** May come back under another name, by joining again. */
  | { kind: 'removed'; player: number }
  /** The token stays refused, and so does the name. */
  | { kind: 'banned'; player: number }
  | { kind: 'renamed'; player: number; name: string }
  | { kind: 'locked' }
  | { kind: 'unlocked' }
  /** `closesAt` is null without a time limit. */
  | { kind: 'asked'; question: number; opensAt: number; closesAt: number | null }
  | { kind: 'extended'; closesAt: number }
  | { kind: 'answered'; question: number; answers: Answering[] }
  /** Came when it no longer counted; for the report only. */
  | { kind: 'late'; question: number; answers: Answering[] }
  /** The host has closed; `closed` follows when taps on their way have had time to arrive. */
  | { kind: 'closing'; closesAt: number }
  | { kind: 'closed' }
  | { kind: 'revealed' }
  | { kind: 'board' }
  /** The question counts for nobody. */
  | { kind: 'skipped' }
  | { kind: 'ended' }

export type RecordKind = LogRecord['kind']

/** A place of the log, as far as the fold looks at it. */
export interface FoldedItem {
  /** From 1, without a gap. */
  number: number
  format: number
  /** The task that wrote it. */
  by: string
  at: number
  records: readonly LogRecord[]
}
