import { isCorrect, pointsFor } from './score.ts'
import { positionsOf } from './choices.ts'
import { standings } from './standings.ts'
import { type EventState, questionAt } from './state.ts'
import { distribution } from './views.ts'

/** The rows of the three reports, for a CSV. Removed players are in none of them. */

interface PlayerRow {
  rank: number
  /** As in the other reports; it stands for the name where names are left out. */
  player: number
  name: string
  score: number
  right: number
  answered: number
  /** On average, of the answers; null without one. */
  seconds: number | null
}

interface AnswerRow {
  player: number
  name: string
  /** From 1, as people count. */
  question: number
  text: string
  /** Letters of the options: `B`, or `A C`. */
  choice: string
  /** null: a poll. */
  right: boolean | null
  milliseconds: number
  points: number
  status: 'saved' | 'late'
}

interface QuestionRow {
  question: number
  text: string
  type: string
  status: 'revealed' | 'skipped' | 'open' | 'closed'
  answered: number
  /** Of the answers; null for a poll, and without an answer. */
  rightShare: number | null
  /** One for each option. */
  options: { letter: string; text: string; right: boolean; chosen: number; share: number }[]
}

export function playerRows(state: EventState): PlayerRow[] {
  return standings(state).map(({ player, rank }) => ({
    rank,
    player: player.no,
    name: player.name,
    score: player.score,
    right: player.right,
    answered: player.answered,
    seconds: player.answered === 0 ? null : Math.round(player.taken / player.answered) / 1_000,
  }))
}

/** Question by question in the order in which they were asked, in each by player. A late answer has no points. */
export function answerRows(state: EventState): AnswerRow[] {
  const rows: AnswerRow[] = []
  for (const asked of state.asked.values()) {
    const question = questionAt(state, asked.question)
    const given = [...asked.answers].map(([no, answer]) => ({ no, ...answer, status: 'saved' as const }))
    // what came too late may count after all, when the host gives more time
    const tooLate = [...asked.late].filter(([no]) => !asked.answers.has(no))
    const late = tooLate.map(([no, answer]) => ({ no, ...answer, status: 'late' as const }))
    for (const { no, choices, taken, status } of [...given, ...late].toSorted((one, other) => one.no - other.no)) {
      const player = state.players[no - 1]
      if (player?.standing !== 'in') continue
      const counts = status === 'saved' && asked.progress === 'revealed'
      rows.push({
        player: no,
        name: player.name,
        question: asked.question + 1,
        text: question.text,
        choice: positionsOf(choices).map(letterOf).join(' '),
        right: isCorrect(question, choices),
        milliseconds: taken,
        points: counts ? pointsFor(question, choices, taken, state.created.settings.speed) : 0,
        status,
      })
    }
  }
  return rows
}

export function questionRows(state: EventState): QuestionRow[] {
  return [...state.asked.values()].map((asked) => {
    const question = questionAt(state, asked.question)
    const { options: chosen, answered } = distribution(state, asked)
    const right = [...asked.answers].filter(
      ([no, { choices }]) => state.players[no - 1]?.standing === 'in' && isCorrect(question, choices),
    ).length
    return {
      question: asked.question + 1,
      text: question.text,
      type: question.type,
      status: asked.progress === 'closing' ? 'open' : asked.progress,
      answered,
      rightShare: question.type === 'poll' || answered === 0 ? null : right / answered,
      options: question.options.map((text, index) => ({
        letter: letterOf(index),
        text,
        right: question.right.includes(index),
        chosen: chosen[index] ?? 0,
        share: answered === 0 ? 0 : (chosen[index] ?? 0) / answered,
      })),
    }
  })
}

function letterOf(position: number): string {
  return 'ABCDEF'.charAt(position)
}
