import type { Question } from '../../types/quiz.ts'
import { bitsOf } from './choices.ts'

/** Answers that took less, in milliseconds, count as taken at once. */
const instant = 500

/** Exactly the right options; null for a poll, which knows no right ones. */
export function isCorrect({ type, right }: Question, choices: number): boolean | null {
  return type === 'poll' ? null : choices === bitsOf(right)
}

/**
 * From all points for an answer at once down to half of them for one at the end of the time limit. Without a limit, or
 * where speed does not count, a right answer has all points. Time that the host added does not change the limit.
 * @param taken in milliseconds
 */
export function pointsFor(question: Question, choices: number, taken: number, speed: boolean): number {
  if (!isCorrect(question, choices)) return 0
  if (!speed || question.seconds === null || taken < instant) return question.points
  const share = Math.min(taken / (question.seconds * 1_000), 1)
  return Math.round(question.points * (1 - share / 2))
}
