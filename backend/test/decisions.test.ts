import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDraft } from '../src/services/game/draft.ts'
import { created, game } from './game.ts'

/** Ada, Bob and Cyd have joined, the question of 20 seconds is open. */
function open(first = created()) {
  const event = game(first)
  for (const name of ['Ada', 'Bob', 'Cyd']) event.join(name)
  event.open(0)
  return event
}

test('the first answer counts', () => {
  const { answer, state } = open()
  assert.deepEqual(answer(1, 0, [1]), { status: 'saved', choices: [1] })
  assert.deepEqual(answer(1, 0, [2]), { status: 'already', choices: [1] })
  assert.equal(state().current?.answers.get(1)?.choices, 2)
})

test('an answer to a question that was not asked is not open', () => {
  const { answer } = open()
  assert.deepEqual(answer(1, 1, [0]), { status: 'not_open', choices: [0] })
})

test('an answer may come 200 ms early, no more', () => {
  const { join, command, answer, wait } = game()
  join('Ada')
  command('ask', { question: 0 })
  wait(2_799)
  assert.equal(answer(1, 0, [1]).status, 'not_open')
  wait(1)
  assert.equal(answer(1, 0, [1]).status, 'saved')
})

test('an answer tapped in time counts until the question is closed in the log', () => {
  const { answer, wait, now, close, state } = open()
  wait(21_900)
  assert.equal(answer(1, 0, [1], now() - 1_900).status, 'saved')
  assert.equal(answer(2, 0, [1], now() - 1_899).status, 'late')
  close()
  assert.equal(answer(3, 0, [1], now() - 10_000).status, 'late')
  assert.deepEqual([...(state().current?.late.keys() ?? [])], [2, 3])
})

test('waiting offline wins nothing: a tap is at most 2 s older than its arrival', () => {
  const { answer, wait, now, state } = open()
  wait(15_000)
  answer(1, 0, [1], now() - 14_000)
  answer(2, 0, [1], now() - 500)
  assert.equal(state().current?.answers.get(1)?.taken, 13_000)
  assert.equal(state().current?.answers.get(2)?.taken, 14_500)
})

test('a clock that is ahead makes no answer late', () => {
  const { answer, wait, now, state } = open()
  wait(1_000)
  assert.equal(answer(1, 0, [1], now() + 3_600_000).status, 'saved')
  assert.equal(state().current?.answers.get(1)?.taken, 1_000)
})

for (const [what, question, choices] of [
  ['no option', 0, []],
  ['two options', 0, [0, 1]],
  ['an option that is not there', 0, [5]],
  ['a question that the quiz has not', 99, [0]],
] as const) {
  test(`an answer with ${what} is invalid`, () => {
    const { answer } = open()
    assert.equal(answer(1, question, [...choices]).status, 'invalid')
  })
}

test('who was removed cannot answer', () => {
  const { command, answer } = open()
  command('remove', { player: 2, ban: false })
  assert.equal(answer(2, 0, [1]).status, 'invalid')
})

test('a join that is repeated finds its player, even when the event is locked', () => {
  const { join, command, state } = game()
  join('Ada', 'a')
  command('lock')
  assert.deepEqual(join('Ada', 'a'), { status: 'joined', player: 1, name: 'Ada' })
  assert.equal(state().playing, 1)
})

test('a name taken in other case is refused with a suggestion that is free', () => {
  const { join } = game()
  join('Ada', 'a')
  assert.deepEqual(join('ADA', 'b'), { status: 'refused', code: 'name_taken', suggestion: 'ADA 2' })
  assert.deepEqual(join('ADA 2', 'b'), { status: 'joined', player: 2, name: 'ADA 2' })
})

test('the name of who was removed stays refused, another one is welcome', () => {
  const { join, command } = game()
  join('Rude', 'a')
  command('remove', { player: 1, ban: false })
  assert.equal(join('rude', 'b').status, 'refused')
  assert.equal(join('Polite', 'c').status, 'joined')
  assert.deepEqual(join('Rude', 'a'), { status: 'refused', code: 'name_refused' })
})

test('nobody joins an event that is locked, until it is unlocked', () => {
  const { join, command } = game()
  command('lock')
  assert.deepEqual(join('Ada'), { status: 'refused', code: 'locked' })
  command('unlock')
  assert.equal(join('Ada').status, 'joined')
})

test('without late joining, nobody joins after the first question', () => {
  const { join } = open(created({ lateJoining: false }))
  assert.deepEqual(join('Dan'), { status: 'refused', code: 'locked' })
})

test('an event is full at its limit, and a removed player makes room', () => {
  const { join, command } = game(created({}, { maxPlayers: 2 }))
  join('Ada')
  join('Bob')
  assert.deepEqual(join('Cyd'), { status: 'refused', code: 'full' })
  command('remove', { player: 1, ban: true })
  assert.equal(join('Cyd').status, 'joined')
})

test('nobody joins an event that has ended', () => {
  const { join, command } = game()
  command('end')
  assert.deepEqual(join('Ada'), { status: 'refused', code: 'ended' })
})

test('where names are handed out, the chosen one does not matter', () => {
  const { join } = game(created({ generatedNames: true }))
  const joined = join('fuck')
  assert.ok(joined.status === 'joined' && joined.name !== 'fuck')
})

test('after a long pause a question opens when the tasks that sleep have it, too', () => {
  const { command, state, wait, now } = game()
  wait(9 * 60_000)
  command('ask', { question: 0 })
  assert.equal(Number(state().current?.opensAt) - now(), 3_000)
  command('skip')
  wait(10 * 60_000)
  command('ask', { question: 1 })
  assert.equal(Number(state().current?.opensAt) - now(), 8_000)
})

test('the tasks that sleep are waited for when another record came just before the question', () => {
  const { command, join, state, wait, now } = game()
  wait(10 * 60_000)
  join('Late')
  wait(1_000)
  command('ask', { question: 0 })
  assert.equal(Number(state().current?.opensAt) - now(), 4_000 + 3_000)
  command('skip')
  wait(5_000)
  command('ask', { question: 1 })
  assert.equal(Number(state().current?.opensAt) - now(), 3_000)
})

test('a double click is stale', () => {
  const { command, state } = game()
  const { version } = state()
  assert.deepEqual(command('ask', { question: 0 }), { status: 'ok', version: 1 })
  assert.deepEqual(command('ask', { question: 1, version }), { status: 'stale', version: 1 })
})

test('closing moves the closing time to now; taps on their way still count', () => {
  const { command, answer, wait, now, state } = open()
  wait(5_000)
  assert.equal(command('close').status, 'ok')
  wait(1_500)
  assert.equal(answer(1, 0, [1], now() - 1_500).status, 'saved')
  assert.equal(answer(2, 0, [1], now() - 1_400).status, 'late')
  assert.equal(state().phase, 'question')
})

test('a question cannot be closed before it opens, but skipped', () => {
  const { command, state } = game()
  command('ask', { question: 0 })
  assert.equal(command('close').status, 'refused')
  assert.equal(command('skip').status, 'ok')
  assert.equal(state().phase, 'board')
})

test('the host adds 10 seconds, but not to a question that is closing or has no limit', () => {
  const { command, close, open: ask, state } = open()
  const closesAt = state().current?.closesAt ?? 0
  assert.equal(command('extend', { seconds: 10 }).status, 'ok')
  assert.equal(state().current?.closesAt, closesAt + 10_000)
  command('close')
  assert.equal(command('extend', { seconds: 10 }).status, 'refused')
  close()
  ask(1)
  assert.equal(command('extend', { seconds: 10 }).status, 'refused')
})

test('a deadline that was set before the host added time closes nothing', () => {
  const { make, command, state } = open()
  const { version } = state()
  command('extend', { seconds: 10 })
  assert.equal(make({ kind: 'close', version }).status, 'stale')
  assert.equal(state().phase, 'question')
})

test('a question is revealed with its closing, or when the host says so', () => {
  const auto = open()
  auto.close()
  assert.equal(auto.state().phase, 'revealed')
  const byHost = open(created({ reveal: 'host' }))
  byHost.close()
  assert.equal(byHost.state().phase, 'closed')
  byHost.command('reveal')
  assert.equal(byHost.state().phase, 'revealed')
})

test('a question is asked once, and one at a time', () => {
  const { command, close } = open()
  assert.equal(command('ask', { question: 1 }).status, 'refused')
  close()
  assert.equal(command('ask', { question: 0 }).status, 'refused')
  assert.equal(command('ask', { question: 3 }).status, 'refused')
  assert.equal(command('ask', { question: 1 }).status, 'ok')
})

test('a skipped question brings nobody points', () => {
  const { answer, command, state } = open()
  answer(1, 0, [1])
  assert.equal(command('skip').status, 'ok')
  assert.equal(state().phase, 'board')
  assert.deepEqual(
    state().players.map(({ score, answered }) => score + answered),
    [0, 0, 0],
  )
})

test('renaming gives a generated name and keeps the old one refused', () => {
  const { command, join, state } = open()
  command('rename', { player: 1 })
  assert.notEqual(state().players[0]?.name, 'Ada')
  assert.equal(join('Ada', 'another').status, 'refused')
})

test('after the end nothing more can be commanded', () => {
  const { command } = open()
  assert.equal(command('end').status, 'ok')
  for (const name of ['close', 'reveal', 'board', 'skip', 'end'] as const) {
    assert.equal(command(name).status, 'refused')
  }
})

test('an item ends with a change of phase, and holds at most 1,500 joins and answers', () => {
  const { state } = game()
  const full = openDraft(state(), 0)
  for (let each = 0; each < 1_500; each += 1) full.add({ kind: 'join', name: `p${each}`, tokenHash: `${each}` })
  assert.equal(full.add({ kind: 'join', name: 'one more', tokenHash: 'x' }), undefined)

  const draft = openDraft(state(), 0)
  draft.add({ kind: 'join', name: 'Ada', tokenHash: 'a' })
  draft.add({ kind: 'command', command: { type: 'command', id: '', version: 0, name: 'ask', question: 0 } })
  assert.equal(draft.add({ kind: 'join', name: 'Bob', tokenHash: 'b' }), undefined)
  assert.deepEqual(
    draft.records().map(({ kind }) => kind),
    ['joined', 'asked'],
  )
})

test('what is refused for something unwritten waits until that is written', () => {
  const { state } = open()
  const now = state().current?.opensAt ?? 0
  const draft = openDraft(state(), now)
  const tap = { kind: 'answer', player: 1, question: 0, at: now, arrived: now } as const
  assert.deepEqual(draft.add({ ...tap, choices: [1] }), { outcome: { status: 'saved', choices: [1] }, waits: true })
  assert.deepEqual(draft.add({ ...tap, choices: [2] }), { outcome: { status: 'already', choices: [1] }, waits: true })
  draft.add({ kind: 'join', name: 'Dan', tokenHash: 'd' })
  assert.equal(draft.add({ kind: 'join', name: 'DAN', tokenHash: 'x' })?.waits, true)
  assert.equal(draft.add({ kind: 'join', name: 'ADA', tokenHash: 'y' })?.waits, false)
})
