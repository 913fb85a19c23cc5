import type { Question } from '../../types/quiz.ts'

/** Positions of options as bits: option 0 is 1, option 1 is 2, option 2 is 4. */
export function bitsOf(positions: readonly number[]): number {
  return positions.reduce((bits, position) => bits | (1 << position), 0)
}

export function positionsOf(bits: number): number[] {
  return [0, 1, 2, 3, 4, 5].filter((position) => bits & (1 << position))
}

/** Whether these can be an answer: options that are there, none twice, one alone unless the question takes several. */
export function areValid({ type, options }: Question, positions: readonly number[]): boolean {
  if (positions.length === 0 || new Set(positions).size !== positions.length) return false
  if (positions.some((position) => position >= options.length)) return false
  return type === 'multiple' || positions.length === 1
}
