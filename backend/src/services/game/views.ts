import type { BoardMessage, QuestionMessage, ResultMessage, RosterMessage, StateMessage } from '../../types/protocol.ts'
import { positionsOf } from './choices.ts'
import { isCorrect, pointsFor } from './score.ts'
import { type Placed, rankOf, standings } from './standings.ts'
import { type Asked, type EventState, type Given, type Player, questionAt } from './state.ts'

/**
 * What takes all players or answers to compute, kept until the log has another item: when a task is lost, thousands of pages
 * enter another at once.
 */
function oncePerItem<T>(compute: (state: EventState) => T): (state: EventState) => T {
  const known = new WeakMap<EventState, { number: number; value: T }>()
  return (state) => {
    let last = known.get(state)
    if (last?.number !== state.number) known.set(state, (last = { number: state.number, value: compute(state) }))
    return last.value
  }
}

const boardPlaces = 10
const rosterNames = 40

/** Made once and sent to everyone. */
export function stateMessage(state: EventState, now: number): StateMessage {
  const { version, phase, current, playing, locked } = state
  return {
    type: 'state',
    version,
    phase,
    question: current?.question ?? null,
    opensAt: current?.opensAt ?? null,
    closesAt: current?.closesAt ?? null,
    players: playing,
    locked: locked || isClosedToLatecomers(state),
    now,
  }
}

/** Without the right answers. On phones without the texts, where the event shows them on the projector only. */
export function questionMessage(state: EventState, onPhone: boolean): QuestionMessage | null {
  if (!state.current) return null
  const { question } = state.current
  const { type, text, options, seconds, points, image } = questionAt(state, question)
  const hidden = onPhone && !state.created.settings.questionsOnPhones
  return {
    type: 'question',
    question,
    of: state.created.quiz.questions.length,
    kind: type,
    text: hidden ? '' : text,
    options: hidden ? options.map(() => '') : options,
    seconds,
    points,
    image: hidden ? null : image,
  }
}

/** What all share of a result; null unless the last question is revealed. `own` is null. */
export const sharedResult = oncePerItem((state): ResultMessage | null => {
  const { current } = state
  if (current?.progress !== 'revealed') return null
  const { right, explanation } = questionAt(state, current.question)
  const chosen = distribution(state, current)
  return {
    type: 'result',
    question: current.question,
    right,
    explanation,
    distribution: chosen.options,
    answered: chosen.answered,
    own: null,
  }
})

/** A player's part of the result; null for who joined after the question was closed. */
export function ownResult(state: EventState, { player, rank }: Placed): ResultMessage['own'] {
  const { current } = state
  if (current?.progress !== 'revealed' || player.no > current.joined) return null
  const given = current.answers.get(player.no)
  return { ...gain(state, current, given), score: player.score, rank }
}

/** What an answer brought. */
export function gain(state: EventState, asked: Asked, given: Given | undefined) {
  const question = questionAt(state, asked.question)
  const poll = question.type === 'poll'
  if (!given) return { choices: null, correct: poll ? null : false, points: 0 }
  const counts = asked.progress === 'revealed'
  return {
    choices: positionsOf(given.choices),
    correct: isCorrect(question, given.choices),
    points: counts ? pointsFor(question, given.choices, given.taken, state.created.settings.speed) : 0,
  }
}

/** How many chose each option, of the players that were not removed. */
export function distribution(state: EventState, { question, answers }: Asked): { options: number[]; answered: number } {
  const options = questionAt(state, question).options.map(() => 0)
  let answered = 0
  for (const [no, { choices }] of answers) {
    if (state.players[no - 1]?.standing !== 'in') continue
    answered += 1
    for (const position of positionsOf(choices)) options[position] = (options[position] ?? 0) + 1
  }
  return { options, answered }
}

/** Players of the open question that were not removed and have answered. */
export function answeredCount(state: EventState, asked: Asked): number {
  let answered = 0
  for (const no of asked.answers.keys()) if (state.players[no - 1]?.standing === 'in') answered += 1
  return answered
}

export const boardMessage = oncePerItem((state): BoardMessage => {
  const top = standings(state).slice(0, boardPlaces)
  return {
    type: 'board',
    top: top.map(({ player, rank }) => ({ player: player.no, name: player.name, score: player.score, rank })),
  }
})

export function rosterMessage(state: EventState): RosterMessage {
  const names: RosterMessage['names'] = []
  for (let index = state.players.length - 1; index >= 0 && names.length < rosterNames; index -= 1) {
    const player = state.players[index]
    if (player?.standing === 'in') names.push({ player: player.no, name: player.name })
  }
  return { type: 'roster', players: state.playing, names }
}

export function placedPlayer(state: EventState, player: Player): Placed {
  return { player, rank: rankOf(state, player) }
}

function isClosedToLatecomers({ created, asked }: EventState): boolean {
  return !created.settings.lateJoining && asked.size > 0
}
