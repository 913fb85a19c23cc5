import type {
  BoardMessage,
  CountsMessage,
  QuestionMessage,
  ResultMessage,
  Snapshot,
  StateMessage,
} from '../../backend/src/types/protocol.ts'

/** Messages of an event with two questions and three players, as a host gets them. */
export const lobby: Snapshot = {
  type: 'snapshot',
  role: 'host',
  event: {
    id: 'event-1',
    title: 'Rivers of Europe',
    code: '482913',
    language: 'en',
    questions: 2,
    lateJoining: true,
    reveal: 'auto',
    retentionDays: 30,
  },
  state: {
    version: 1,
    phase: 'lobby',
    question: null,
    opensAt: null,
    closesAt: null,
    players: 3,
    locked: false,
    now: 0,
  },
  question: null,
  player: null,
  answer: null,
  result: null,
  board: null,
  counts: null,
  roster: { players: 3, names: names([3, 2, 1]).map(({ player, name }) => ({ player, name })) },
  review: null,
}

export function state(changes: Partial<StateMessage>): StateMessage {
  return { type: 'state', ...lobby.state, opensAt: 0, closesAt: 20_000, ...changes }
}

export function question(at: number, changes: Partial<QuestionMessage> = {}): QuestionMessage {
  return {
    type: 'question',
    question: at,
    of: 2,
    kind: 'single',
    text: 'Where do the Rhône and the Saône meet?',
    options: ['Paris', 'Lyon', 'Marseille'],
    seconds: 20,
    points: 1_000,
    image: null,
    ...changes,
  }
}

export function counts(changes: Partial<CountsMessage>): CountsMessage {
  return {
    type: 'counts',
    question: null,
    answered: 0,
    connected: 3,
    hosts: 1,
    screens: 1,
    distribution: null,
    tasks: 2,
    draining: 0,
    silent: 0,
    ...changes,
  }
}

export function result(at: number): ResultMessage {
  return { type: 'result', question: at, right: [1], explanation: '', distribution: [1, 2, 0], answered: 3, own: null }
}

/** A ranking of these players, the best first. */
export function board(players: number[]): BoardMessage {
  return {
    type: 'board',
    top: names(players).map((person, at) => ({ ...person, score: 900 - at * 100, rank: at + 1 })),
  }
}

function names(players: number[]) {
  return players.map((player) => ({ player, name: ['', 'Ada', 'Grace', 'Edsger'][player] ?? `P${player}` }))
}
