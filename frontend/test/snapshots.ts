import type { Snapshot } from '../../backend/src/types/protocol.ts'

/** What a player of the lobby is sent. */
export function playerSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    type: 'snapshot',
    role: 'player',
    event: {
      id: 'e1',
      title: 'Summer party',
      code: '123456',
      language: 'en',
      questions: 3,
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
      players: 2,
      locked: false,
      now: 1_800_000_000_000,
    },
    question: null,
    player: { player: 1, name: 'Ada', score: 0, rank: 1 },
    answer: null,
    result: null,
    board: null,
    counts: null,
    roster: null,
    review: null,
    ...changes,
  }
}

export const capitals: NonNullable<Snapshot['question']> = {
  question: 0,
  of: 3,
  kind: 'single',
  text: 'Which is a capital?',
  options: ['Lyon', 'Paris', 'Nice'],
  seconds: 20,
  points: 1_000,
  image: null,
}
