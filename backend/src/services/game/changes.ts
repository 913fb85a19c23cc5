import type { AnswerStatus, Command, Refusal } from '../../types/protocol.ts'

/** What someone wants to become a record. Whether it holds is decided against the state at its place in the log. */
export type Change = JoinChange | AnswerChange | CommandChange | CloseChange

export interface JoinChange {
  kind: 'join'
  name: string
  tokenHash: string
}

export interface AnswerChange {
  kind: 'answer'
  player: number
  question: number
  /** Positions of options. */
  choices: readonly number[]
  /** When the player tapped, as the page knows the server's time. */
  at: number
  /** When it reached the first task. */
  arrived: number
}

interface CommandChange {
  kind: 'command'
  command: Command
}

/** The time is up, or everybody has answered. Stale as soon as the version is another. */
export interface CloseChange {
  kind: 'close'
  version: number
}

export type JoinOutcome =
  { status: 'joined'; player: number; name: string } | { status: 'refused'; code: Refusal; suggestion?: string }

export interface AnswerOutcome {
  status: AnswerStatus
  /** What is stored, with `saved` and `already`; else what was sent. */
  choices: readonly number[]
}

export interface CommandOutcome {
  status: 'ok' | 'stale' | 'refused'
  /** Of the state after it. */
  version: number
}

export type OutcomeOf<Kind extends Change> = Kind extends JoinChange
  ? JoinOutcome
  : Kind extends AnswerChange
    ? AnswerOutcome
    : CommandOutcome

export type Outcome = OutcomeOf<Change>
