import type { Seen } from '../../db/repositories/seen.ts'
import type { Asked, EventState } from '../game/state.ts'

/** For taps on their way, in milliseconds. */
const grace = 2_000
/** More, while a task drains or is silent: its players are on their way to another one. */
const moreGrace = 8_000
/** A task that said nothing for so long is silent; one that said nothing for longer is dead. Milliseconds. */
export const silentAfter = 3_000
/**
 * While a question is open each task says something every 1,250 ms, and what it says takes a moment to get into the table.
 * When the time is up, one that missed that may have crashed with answers that are not in the log. Milliseconds.
 */
const missedAfter = 1_500
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

/** `look`: it depends on what the other tasks say now. */
export type Verdict = 'wait' | 'look' | 'close'

/** Whether the open question is to be closed now. */
export function deadlineVerdict(situation: Situation): Verdict {
  const { current, phase } = situation.state
  if (phase !== 'question' || !current) return 'wait'
  const verdicts = [verdictOfTime(situation, current), verdictOfAnswers(situation, current)]
  return (['close', 'look'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'wait'
}

/** The time is up, and so is that for taps on their way. */
function verdictOfTime({ now, others, draining }: Situation, { closesAt }: Asked): Verdict {
  if (closesAt === null || now < closesAt + grace) return 'wait'
  if (now >= closesAt + grace + moreGrace) return 'close'
  if (!others || now - others.readAt > believed || others.readAt < closesAt + grace) return 'look'
  if (draining) return 'wait'
  // a task that was only busy says more in a moment; one whose clock is behind makes this one look again until `moreGrace` is over
  return others.rows.some((row) => isInTrouble(row, others.readAt)) ? 'look' : 'close'
}

/** A pause of this task between reading and judging is no silence of the others. */
function isInTrouble({ at, draining }: Seen, readAt: number): boolean {
  const silence = readAt - at
  return silence < deadAfter && (draining || silence >= missedAfter)
}

/** Everybody has answered. */
function verdictOfAnswers(situation: Situation, { opensAt }: Asked): Verdict {
  const { state, now, others, hasHost, unanswered } = situation
  if (!hasHost || now < opensAt || unanswered > 0) return 'wait'
  // a player may have come to another task since it was last read
  if (!others || others.readAt < state.writtenAt || now - others.readAt > believed) return 'look'
  return hasEverybodyAnswered(situation, others) ? 'close' : 'wait'
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
