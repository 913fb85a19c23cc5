// @vitest-environment node
import { expect, test } from 'vitest'
import type { ResultMessage, ServerMessage, StateMessage } from '../../backend/src/types/protocol.ts'
import { withMessage } from '../src/lib/live-view.ts'
import { capitals, playerSnapshot } from './snapshots.ts'

const asked: StateMessage = { ...playerSnapshot().state, type: 'state', version: 2, phase: 'question', question: 0 }
const result: ResultMessage = {
  type: 'result',
  question: 0,
  right: [1],
  explanation: '',
  distribution: [0, 1, 0],
  answered: 1,
  own: { choices: [1], correct: true, points: 900, score: 900, rank: 1 },
}
const after = (messages: ServerMessage[], view = playerSnapshot()) => messages.reduce(withMessage, view)

test('a question and its state arrive in either order', () => {
  const question = { type: 'question' as const, ...capitals }
  for (const view of [after([question, asked]), after([asked, question])]) {
    expect(view).toMatchObject({ state: { phase: 'question', question: 0 }, question: capitals })
  }
})

test('an acknowledged answer is the player’s own, an invalid one is not', () => {
  expect(after([asked, { type: 'ack', id: 'a', status: 'invalid', choices: [9] }]).answer).toBeNull()
  const view = after([asked, { type: 'ack', id: 'a', status: 'already', choices: [2] }])
  expect(view.answer).toEqual({ choices: [2], status: 'saved' })
})

test('a result brings score and rank', () => {
  expect(after([asked, result]).player).toMatchObject({ score: 900, rank: 1, name: 'Ada' })
})

test('the next question drops what belonged to the last one', () => {
  const board: ServerMessage = { type: 'board', top: [] }
  const view = after([asked, { type: 'ack', id: 'a', status: 'saved', choices: [1] }, result, board])
  expect(view).toMatchObject({ answer: { status: 'saved' }, result: { right: [1] }, board: { top: [] } })
  expect(after([{ ...asked, question: 1 }], view)).toMatchObject({ answer: null, result: null, board: null })
})

test('the board of the end stays', () => {
  const view = after([asked, result, { type: 'board', top: [] }, { ...asked, phase: 'ended' }])
  expect(view.board).toEqual({ top: [] })
})

test('a message about something else is no change', () => {
  const view = playerSnapshot()
  expect(withMessage(view, { type: 'heartbeat', now: 1 })).toBe(view)
})
