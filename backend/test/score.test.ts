import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { areValid, bitsOf, positionsOf } from '../src/services/game/choices.ts'
import { isCorrect, pointsFor } from '../src/services/game/score.ts'
import { question } from './arbitraries.ts'
import { lyon, mood, primes } from './game.ts'

const bits = fc.integer({ min: 1, max: 63 })
const taken = fc.nat({ max: 300_000 })

test('a right answer has between half of the points and all of them', () => {
  fc.assert(
    fc.property(question, taken, fc.boolean(), (each, ms, speed) => {
      fc.pre(each.type !== 'poll')
      const points = pointsFor(each, bitsOf(each.right), ms, speed)
      assert.ok(points >= each.points / 2 && points <= each.points)
    }),
  )
})

test('a faster answer never has fewer points', () => {
  fc.assert(
    fc.property(question, bits, taken, taken, (each, choices, one, other) => {
      const [fast, slow] = [Math.min(one, other), Math.max(one, other)]
      assert.ok(pointsFor(each, choices, fast, true) >= pointsFor(each, choices, slow, true))
    }),
  )
})

test('only exactly the right options have points', () => {
  fc.assert(
    fc.property(question, bits, taken, (each, choices, ms) => {
      fc.pre(choices !== bitsOf(each.right))
      assert.equal(pointsFor(each, choices, ms, true), 0)
    }),
  )
})

test('choices survive as bits', () => {
  fc.assert(fc.property(fc.subarray([0, 1, 2, 3, 4, 5]), (each) => assert.deepEqual(positionsOf(bitsOf(each)), each)))
})

for (const [what, each, choices, ms, speed, wanted] of [
  ['under half a second', lyon, [1], 499, true, 1_000],
  ['half a second', lyon, [1], 500, true, 988],
  ['half of the time', lyon, [1], 10_000, true, 750],
  ['the last moment', lyon, [1], 20_000, true, 500],
  ['the time that the host added', lyon, [1], 29_000, true, 500],
  ['no speed', lyon, [1], 20_000, false, 1_000],
  ['no time limit', primes, [0, 2], 500_000, true, 2_000],
  ['one of two right options', primes, [0], 0, true, 0],
  ['a wrong option too many', primes, [0, 1, 2], 0, true, 0],
  ['a poll', mood, [0], 0, true, 0],
] as const) {
  test(`points for ${what}: ${wanted}`, () => {
    assert.equal(pointsFor(each, bitsOf(choices), ms, speed), wanted)
  })
}

test('a poll knows no right answer', () => assert.equal(isCorrect(mood, 1), null))

for (const [what, each, choices, wanted] of [
  ['nothing', lyon, [], false],
  ['two of a single choice', lyon, [0, 1], false],
  ['an option that is not there', lyon, [3], false],
  ['one option twice', primes, [0, 0], false],
  ['one of a single choice', lyon, [2], true],
  ['all of a multiple choice', primes, [0, 1, 2, 3], true],
  ['one of a poll', mood, [1], true],
] as const) {
  test(`${what} can${wanted ? '' : 'not'} be an answer`, () => assert.equal(areValid(each, choices), wanted))
}
