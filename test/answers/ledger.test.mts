/** The judge of this suite: that it finds what it looks for. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nothingWrong, type Tap, verdictOf } from './ledger.mts'

function tap(player: number, choice: number, said: Partial<Tap> = { status: 'saved', kept: [choice] }): Tap {
  return { player, question: 0, choice, tapped: 1, sent: 1, ...said }
}

const row = (player: number, choice: number) => ({ player, question: 0, choice })

it('nothing is wrong when what was saved is counted', () => {
  const taps = [tap(1, 2), tap(1, 3, { status: 'already', kept: [2] }), tap(2, 0, { status: 'late', kept: [0] })]
  assert.deepEqual(verdictOf([row(1, 2)], taps), nothingWrong)
})

it('an answer that was saved and is not counted, or counted otherwise, is lost', () => {
  assert.equal(verdictOf([], [tap(1, 2)]).lost, 1)
  assert.equal(verdictOf([row(1, 3)], [tap(1, 2), tap(1, 3, { status: 'late' })]).lost, 1)
  assert.equal(verdictOf([row(1, 2)], [tap(1, 2), tap(1, 3, { status: 'already', kept: [3] })]).lost, 1)
})

it('an answer that nobody tapped is a phantom', () => {
  assert.equal(verdictOf([row(1, 2), row(2, 2)], [tap(1, 2)]).phantom, 1)
  assert.equal(verdictOf([row(1, 3)], [tap(1, 2)]).phantom, 1)
})

it('an answer that counts twice is double', () => {
  assert.equal(verdictOf([row(1, 2), row(1, 2)], [tap(1, 2)]).double, 1)
})

it('a tap without a word is silent', () => {
  assert.equal(verdictOf([], [tap(1, 2, {})]).silent, 1)
})
