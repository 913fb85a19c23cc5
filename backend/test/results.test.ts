import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogItem, LogRepository } from '../src/db/repositories/log.ts'
import { answerRows, playerRows, questionRows } from '../src/services/game/results.ts'
import { createResults } from '../src/services/results.ts'
import { created, game, quiz } from './game.ts'

/** Two questions, the second a multiple choice without a limit; Cyd was late once, Rude is removed. */
function played() {
  const event = game(created())
  for (const name of ['Ada', 'Bob', 'Cyd', 'Rude']) event.join(name)
  event.open(0)
  event.wait(2_000)
  event.answer(1, 0, [1])
  event.answer(2, 0, [2])
  event.answer(4, 0, [1])
  event.close()
  event.answer(3, 0, [1])
  event.open(1)
  event.wait(1_000)
  event.answer(1, 1, [0, 2])
  event.answer(2, 1, [0, 2])
  event.command('remove', { player: 4, ban: true })
  event.close()
  event.command('end')
  return event.state()
}

test('the players, best first, with their averages', () => {
  assert.deepEqual(playerRows(played()), [
    { rank: 1, player: 1, name: 'Ada', score: 2_950, right: 2, answered: 2, seconds: 1.5 },
    { rank: 2, player: 2, name: 'Bob', score: 2_000, right: 1, answered: 2, seconds: 1.5 },
    { rank: 3, player: 3, name: 'Cyd', score: 0, right: 0, answered: 0, seconds: null },
  ])
})

test('the tables of a German event have semicolons and decimal commas', async () => {
  const event = game(created({}, { quiz: { ...quiz, language: 'de' } }))
  event.join('Ada')
  event.open(0)
  event.wait(1_500)
  event.answer(1, 0, [1])
  event.close()
  const { report } = createResults({ read: () => Promise.resolve(event.items) } as unknown as LogRepository)
  let text = ''
  for await (const piece of (await report('e1', 'players', true))!) text += piece
  assert.match(text, /^\u{feff}rank;player;name;.*\r\n1;1;Ada;\d+;1;1;1,5\r\n$/u)
})

test('a list of players reads what is new since the last one, for a minute', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const event = game()
  event.join('Ada')
  const asked: number[] = []
  const read = async (_id: string, after: number) => (asked.push(after), event.items.slice(after) as LogItem[])
  const { players, report } = createResults({ read })
  const names = async () => (await players('e1', '', 0))?.players.map(({ name }) => name)
  assert.deepEqual(await names(), ['Ada'])
  event.join('Bob')
  assert.deepEqual(await names(), ['Ada', 'Bob'])
  await report('e1', 'players', true)
  assert.deepEqual(asked, [0, 1, 0])
  t.mock.timers.tick(60_000)
  await names()
  assert.deepEqual(asked, [0, 1, 0, 0])
})

test('of an event that was erased since, no player is listed', async () => {
  const event = game()
  event.join('Ada')
  const { players } = createResults({ read: async (_id, after) => event.items.slice(after) as LogItem[] })
  assert.equal((await players('e1', '', 0))?.players.length, 1)
  event.items.splice(0)
  assert.equal(await players('e1', '', 0), undefined)
})

test('every answer, the late ones too', () => {
  assert.deepEqual(
    answerRows(played()).map(({ name, question, choice, right, milliseconds, points, status }) =>
      [name, question, choice, right, milliseconds, points, status].join(' '),
    ),
    [
      'Ada 1 B true 2000 950 saved',
      'Bob 1 C false 2000 0 saved',
      'Cyd 1 B true 2000 0 late',
      'Ada 2 A C true 1000 2000 saved',
      'Bob 2 A C true 1000 2000 saved',
    ],
  )
})

test('an answer that was late until the host gave more time is there once', () => {
  const event = game()
  event.join('Ada')
  event.open(0)
  event.wait(20_001)
  assert.equal(event.answer(1, 0, [1]).status, 'late')
  assert.equal(event.command('extend', { seconds: 10 }).status, 'ok')
  assert.equal(event.answer(1, 0, [1]).status, 'saved')
  event.close()
  assert.deepEqual(
    answerRows(event.state()).map(({ status }) => status),
    ['saved'],
  )
})

test('the questions with the share of each option', () => {
  const [first, second] = questionRows(played())
  assert.deepEqual(
    [first?.status, first?.answered, first?.rightShare, first?.options.map(({ share }) => share)],
    ['revealed', 2, 0.5, [0, 0.5, 0.5]],
  )
  assert.deepEqual(
    second?.options.map(({ letter, right, chosen }) => `${letter} ${right} ${chosen}`),
    ['A true 2', 'B false 0', 'C true 2', 'D false 0'],
  )
})

test('the three reports agree', () => {
  const state = played()
  const answers = answerRows(state)
  for (const { player, score, right, answered } of playerRows(state)) {
    const own = answers.filter((each) => each.player === player && each.status === 'saved')
    assert.equal(
      score,
      own.reduce((sum, { points }) => sum + points, 0),
    )
    assert.equal(right, own.filter((each) => each.right).length)
    assert.equal(answered, own.length)
  }
  for (const { question, answered } of questionRows(state)) {
    const own = answers.filter((each) => each.question === question && each.status === 'saved')
    assert.equal(answered, own.length)
  }
})
