import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { snapshot } from '../src/services/game/snapshot.ts'
import type { EventState } from '../src/services/game/state.ts'
import { boardMessage, questionMessage, rosterMessage, sharedResult, stateMessage } from '../src/services/game/views.ts'
import { type Snapshot, snapshotSchema } from '../src/types/protocol.ts'
import { created, game } from './game.ts'

function playerSnapshot(state: EventState, no: number): Snapshot {
  return snapshot(state, { role: 'player', player: state.players[no - 1], now: 5 })
}

/** Ada has answered right at once, Bob wrong; Cyd has not answered. */
function answered(first = created()) {
  const event = game(first)
  for (const name of ['Ada', 'Bob', 'Cyd']) event.join(name)
  event.open(0)
  event.answer(1, 0, [1])
  event.answer(2, 0, [2])
  return event
}

test('a snapshot is valid in every phase, for every role', () => {
  const step = fc.constantFrom('ask', 'close', 'closed', 'reveal', 'board', 'skip', 'end', 'join', 'answer')
  fc.assert(
    fc.property(fc.array(step), fc.boolean(), (steps, byHost) => {
      const { state, join, answer, command, close } = game(created(byHost ? { reveal: 'host' } : {}))
      join('Ada')
      for (const [index, each] of steps.entries()) {
        if (each === 'ask') command('ask', { question: state().asked.size })
        else if (each === 'closed') close()
        else if (each === 'join') join(`player ${index}`)
        else if (each === 'answer') answer(1, state().current?.question ?? 0, [0])
        else command(each)
        for (const role of ['player', 'host', 'screen'] as const) {
          const player = role === 'player' ? state().players[0] : undefined
          v.parse(snapshotSchema, snapshot(state(), { role, player, now: 5 }))
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('right answers leave the server only after the question is revealed', () => {
  const { state, close, command } = answered(created({ reveal: 'host' }))
  const seen = () =>
    [playerSnapshot(state(), 1), snapshot(state(), { role: 'host', now: 5 }), questionMessage(state(), true)].map(
      (each) => JSON.stringify(each),
    )
  close()
  for (const each of seen()) assert.doesNotMatch(each, /"right"|"correct"|Avignon/)
  assert.equal(playerSnapshot(state(), 1).player?.score, 0)
  command('reveal')
  for (const each of seen().slice(0, 2)) assert.match(each, /"right":\[1\].*Avignon/)
})

test('a player sees the own answer, result, score and rank again', () => {
  const { state, close } = answered()
  assert.deepEqual(playerSnapshot(state(), 2).answer, { choices: [2], status: 'saved' })
  close()
  assert.deepEqual(playerSnapshot(state(), 1).result?.own, {
    choices: [1],
    correct: true,
    points: 1_000,
    score: 1_000,
    rank: 1,
  })
  assert.deepEqual(playerSnapshot(state(), 2).result?.own, {
    choices: [2],
    correct: false,
    points: 0,
    score: 0,
    rank: 2,
  })
  assert.deepEqual(playerSnapshot(state(), 3).player, { player: 3, name: 'Cyd', score: 0, rank: 2 })
})

test('who has not answered missed it, who came later did not', () => {
  const { state, close, join } = answered()
  close()
  join('Dan')
  assert.equal(playerSnapshot(state(), 3).result?.own?.choices, null)
  assert.equal(playerSnapshot(state(), 4).result?.own, null)
})

test('a late answer is shown as late', () => {
  const { state, close, answer } = answered()
  close()
  answer(3, 0, [1])
  assert.deepEqual(playerSnapshot(state(), 3).answer, { choices: [1], status: 'late' })
})

test('the distribution leaves removed players out', () => {
  const { state, close, command } = answered()
  command('remove', { player: 2, ban: false })
  close()
  const { distribution, answered: count } = sharedResult(state()) ?? {}
  assert.deepEqual({ distribution, count }, { distribution: [0, 1, 0], count: 1 })
})

test('phones show no text where the projector does', () => {
  const { state } = answered(created({ questionsOnPhones: false }))
  const phone = questionMessage(state(), true)
  assert.deepEqual([phone?.text, phone?.options], ['', ['', '', '']])
  assert.match(questionMessage(state(), false)?.text ?? '', /Rhône/)
})

test('the board has ten places and the roster the last forty names', () => {
  const { state, join, command } = game()
  for (let each = 1; each <= 50; each += 1) join(`player ${each}`)
  command('remove', { player: 50, ban: false })
  assert.equal(boardMessage(state()).top.length, 10)
  const { players, names } = rosterMessage(state())
  assert.deepEqual([players, names.length, names[0]?.name, names[39]?.name], [49, 40, 'player 49', 'player 10'])
})

test('the state is at most 500 bytes', () => {
  const { state, command } = answered()
  command('lock')
  assert.ok(Buffer.byteLength(JSON.stringify(stateMessage(state(), Date.now()))) <= 500)
})

test('at the end a player sees the own answers to the questions that were revealed', () => {
  const { state, close, open, command } = answered()
  close()
  open(1)
  command('end')
  const { review, board } = playerSnapshot(state(), 1)
  assert.deepEqual(review, [
    {
      question: 0,
      text: 'Which city lies on the Rhône?',
      right: [1],
      choices: [1],
      correct: true,
      points: 1_000,
    },
  ])
  assert.equal(board?.top[0]?.name, 'Ada')
})

test('what all see alike is computed once for each item of the log, however many pages enter', () => {
  const event = answered()
  event.command('close')
  event.close()
  event.command('reveal')
  const first = [sharedResult(event.state()), boardMessage(event.state())]
  assert.deepEqual([sharedResult(event.state()) === first[0], boardMessage(event.state()) === first[1]], [true, true])
  event.command('board')
  assert.notEqual(boardMessage(event.state()), first[1])
})
