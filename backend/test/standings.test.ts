import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { rankOf, standings } from '../src/services/game/standings.ts'
import { game } from './game.ts'

test('equal scores share a rank: 1, 2, 2, 4', () => {
  const { state, join } = game()
  for (const name of ['a', 'b', 'c', 'd']) join(name)
  for (const [index, score] of [900, 900, 100, 1_000].entries()) {
    const player = state().players[index]
    if (player) player.score = score
  }
  assert.deepEqual(
    standings(state()).map(({ player, rank }) => [player.name, rank]),
    [
      ['d', 1],
      ['a', 2],
      ['b', 2],
      ['c', 4],
    ],
  )
})

test('a rank is one more than the players with more points, for all and for one', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ score: fc.nat({ max: 5 }), removed: fc.boolean() })), (each) => {
      const { state, join, command } = game()
      for (const [index, { score, removed }] of each.entries()) {
        join(`player ${index}`)
        const player = state().players[index]
        if (player) player.score = score
        if (removed) command('remove', { player: index + 1, ban: false })
      }
      const placed = standings(state())
      assert.equal(placed.length, each.filter(({ removed }) => !removed).length)
      for (const { player, rank } of placed) {
        assert.equal(rank, 1 + placed.filter((other) => other.player.score > player.score).length)
        assert.equal(rankOf(state(), player), rank)
      }
    }),
  )
})
