import type { CountsMessage, Role, Snapshot } from '../../types/protocol.ts'
import { positionsOf } from './choices.ts'
import { type EventState, type Player, questionAt } from './state.ts'
import {
  boardMessage,
  gain,
  ownResult,
  placedPlayer,
  questionMessage,
  rosterMessage,
  sharedResult,
  stateMessage,
} from './views.ts'

/** Everything that a page needs when it enters, however often it was here before. */
interface Entering {
  role: Role
  /** For the role `player`. */
  player?: Player | undefined
  /** For hosts and screens. */
  counts?: CountsMessage | undefined
  /** Milliseconds. */
  now: number
}

export function snapshot(state: EventState, { role, player, counts, now }: Entering): Snapshot {
  const { event, code, quiz, settings, retentionDays } = state.created
  const placed = player && placedPlayer(state, player)
  const shared = sharedResult(state)
  const watches = role !== 'player'
  const showsBoard = state.phase === 'board' || state.phase === 'ended'
  return {
    type: 'snapshot',
    role,
    event: {
      id: event,
      title: quiz.title,
      code,
      language: quiz.language,
      questions: quiz.questions.length,
      lateJoining: settings.lateJoining,
      reveal: settings.reveal,
      retentionDays,
    },
    state: stateMessage(state, now),
    question: questionMessage(state, !watches),
    player: placed
      ? { player: placed.player.no, name: placed.player.name, score: placed.player.score, rank: placed.rank }
      : null,
    answer: player ? ownAnswer(state, player) : null,
    result: shared && { ...shared, own: placed ? ownResult(state, placed) : null },
    board: showsBoard ? boardMessage(state) : null,
    counts: watches ? (counts ?? null) : null,
    roster: watches ? rosterMessage(state) : null,
    review: player && state.phase === 'ended' ? review(state, player) : null,
  }
}

function ownAnswer({ current }: EventState, { no }: Player): Snapshot['answer'] {
  const saved = current?.answers.get(no)
  if (saved) return { choices: positionsOf(saved.choices), status: 'saved' }
  const late = current?.late.get(no)
  return late ? { choices: positionsOf(late.choices), status: 'late' } : null
}

/** The player's answers to the questions that were revealed, in the order in which they were asked. */
function review(state: EventState, player: Player): NonNullable<Snapshot['review']> {
  const revealed = [...state.asked.values()].filter(({ progress }) => progress === 'revealed')
  return revealed.map((asked) => {
    const { text, right } = questionAt(state, asked.question)
    return { question: asked.question, text, right, ...gain(state, asked, asked.answers.get(player.no)) }
  })
}
