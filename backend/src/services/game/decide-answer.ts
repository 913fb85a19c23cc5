import type { Answering } from '../../types/records.ts'
import type { AnswerChange, AnswerOutcome } from './changes.ts'
import { areValid, bitsOf, positionsOf } from './choices.ts'
import type { Decided, Pending } from './pending.ts'
import { type Asked, questionAt } from './state.ts'

/** Clocks of two tasks differ by at most so many milliseconds. */
const skew = 200
/** For the points, a tap is at most so many milliseconds older than its arrival. */
const longestTravel = 2_000

/**
 * The first answer counts. It is in time when it was tapped by the closing time and `closed` is not in the log yet,
 * however long it travelled: a dead network or a dead task costs points, not the answer.
 */
export function decideAnswer(pending: Pending, change: AnswerChange): Decided<AnswerOutcome> {
  const { state } = pending
  const { player, choices, arrived } = change
  const answered = (status: AnswerOutcome['status'], waits: boolean, kept = choices): Decided<AnswerOutcome> => ({
    outcome: { status, choices: kept },
    waits,
  })

  if (state.players[player - 1]?.standing !== 'in') return answered('invalid', false)
  if (change.question >= state.created.quiz.questions.length) return answered('invalid', false)
  const asked = state.asked.get(change.question)
  if (!asked) return answered('not_open', false)

  const stored = asked.answers.get(player)
  if (stored) return answered('already', false, positionsOf(stored.choices))
  const isCurrent = asked === state.current
  const waiting = isCurrent ? pending.answered.get(player) : undefined
  if (waiting) return answered('already', true, positionsOf(waiting[1]))

  if (!areValid(questionAt(state, change.question), choices)) return answered('invalid', false)
  if (arrived + skew < asked.opensAt) return answered('not_open', false)

  const answer: Answering = [player, bitsOf(choices), takenBy(change, asked)]
  if (isCurrent && state.phase === 'question' && isInTime(change, asked)) {
    pending.answered.set(player, answer)
    return answered('saved', true)
  }
  return answered('late', keepLate(pending, asked, answer))
}

/** A tap cannot be later than its arrival, whatever the page's clock says. */
function isInTime({ at, arrived }: AnswerChange, { closesAt }: Asked): boolean {
  return closesAt === null || Math.min(at, arrived) <= closesAt
}

function takenBy({ at, arrived }: AnswerChange, { opensAt }: Asked): number {
  const tapped = Math.max(Math.min(at, arrived), arrived - longestTravel)
  return Math.max(0, Math.round(tapped - opensAt))
}

/** For the report; after the end nothing is added to it. Whether there is something to wait for. */
function keepLate({ state, late }: Pending, asked: Asked, answer: Answering): boolean {
  const [player] = answer
  if (state.phase === 'ended' || asked.late.has(player)) return false
  const key = `${asked.question}/${player}`
  if (!late.has(key)) late.set(key, { question: asked.question, answer })
  return true
}
