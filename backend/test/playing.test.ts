import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openTable } from '../src/db/client.ts'
import { logRepository } from '../src/db/repositories/log.ts'
import { seenRepository } from '../src/db/repositories/seen.ts'
import type { LogRecord } from '../src/types/records.ts'
import { adminSecret, client, dynamoDb, eventually, table, task } from './backend.ts'
import { host, player, quizPage, startEvent } from './event.ts'

/** Two tasks, an event, its host on the first. */
async function twoTasks(t: TestContext, settings: Parameters<typeof startEvent>[1] = {}) {
  await dynamoDb(t)
  const [one, other] = [await task(t), await task(t)]
  const event = await startEvent(one.http, settings)
  return { one, other, event, hosting: await host(t, one.ws, event) }
}

test('a whole game over two tasks', async (t) => {
  const { one, other, event, hosting } = await twoTasks(t)
  const ada = await player(t, one.ws, event.code, 'Ada')
  const bob = await player(t, other.ws, event.code, 'Bob')
  assert.deepEqual([ada.no, bob.no], [1, 2])
  assert.deepEqual(bob.snapshot.player, { player: 2, name: 'Bob', score: 0, rank: 1 })

  assert.equal(await hosting.run('ask', { question: 0 }), 'ok')
  let opened = 0
  for (const each of [ada, bob]) {
    const { text, options, of } = await each.until('question')
    assert.deepEqual([text, options.length, of], ['Which city has the oldest underground?', 3, 3])
    const { opensAt } = await each.until('state', ({ phase }) => phase === 'question')
    opened = Number(opensAt)
    await new Promise((resolve) => setTimeout(resolve, opened - Date.now()))
  }
  assert.equal((await ada.answer(0, [0], opened)).status, 'saved')
  assert.equal((await bob.answer(0, [1], opened)).status, 'saved')
  // everybody has answered: it closes by itself
  await hosting.see('revealed')
  const [first, second] = [(await ada.until('result')).own, (await bob.until('result')).own]
  assert.deepEqual(first, { choices: [0], correct: true, points: 1_000, score: 1_000, rank: 1 })
  assert.deepEqual(second, { choices: [1], correct: false, points: 0, score: 0, rank: 2 })

  assert.equal(await hosting.run('board'), 'ok')
  assert.deepEqual((await bob.until('board')).top, [
    { player: 1, name: 'Ada', score: 1_000, rank: 1 },
    { player: 2, name: 'Bob', score: 0, rank: 2 },
  ])
  assert.equal(await hosting.run('end'), 'ok')
  await bob.until('state', ({ phase }) => phase === 'ended')
})

test('one token on two tasks, different taps at once: one is saved, and both are told which', async (t) => {
  const { one, other, event, hosting } = await twoTasks(t)
  const tab = await player(t, one.ws, event.code, 'Ada')
  await player(t, one.ws, event.code, 'Bob')
  const otherTab = quizPage(t, other.ws)
  await otherTab.enter('player', event.id, tab.token)
  await hosting.run('ask', { question: 0 })
  const { opensAt } = await otherTab.until('state', ({ phase }) => phase === 'question')
  await new Promise((resolve) => setTimeout(resolve, Number(opensAt) - Date.now()))
  const acks = await Promise.all([tab.answer(0, [0]), otherTab.answer(0, [1])])
  assert.deepEqual(acks.map(({ status }) => status).toSorted(), ['already', 'saved'])
  assert.deepEqual(acks[0].choices, acks[1].choices)
})

test('who comes back has everything again, on any task', async (t) => {
  const { one, other, event, hosting } = await twoTasks(t)
  const ada = await player(t, one.ws, event.code, 'Ada')
  await player(t, one.ws, event.code, 'Bob')
  await hosting.run('ask', { question: 0 })
  const { opensAt } = await ada.until('state', ({ phase }) => phase === 'question')
  await new Promise((resolve) => setTimeout(resolve, Number(opensAt) - Date.now()))
  await ada.answer(0, [2])
  ada.socket.terminate()
  const again = await quizPage(t, other.ws).enter('player', event.id, ada.token)
  assert.deepEqual(again.answer, { choices: [2], status: 'saved' })
  assert.deepEqual([again.state.phase, again.question?.question, again.player?.name], ['question', 0, 'Ada'])
})

test('who reconnects to another task at once is known there', async (t) => {
  const { one, other, event } = await twoTasks(t)
  const warm = await player(t, other.ws, event.code, 'Warm')
  const { token } = await player(t, one.ws, event.code, 'Ada')
  const again = await quizPage(t, other.ws).enter('player', event.id, token)
  assert.deepEqual([again.player?.name, warm.no], ['Ada', 1])
})

test('a join that is repeated after its answer was lost finds its player', async (t) => {
  const { one, other, event } = await twoTasks(t)
  const id = 'A'.repeat(22)
  const first = await quizPage(t, one.ws).join(event.code, 'Ada', id)
  const second = await quizPage(t, other.ws).join(event.code, 'Ada', id)
  assert.equal(first.type, 'joined')
  assert.deepEqual(first, second)
})

test('a taken name is refused on every task, with a free suggestion', async (t) => {
  const { one, other, event } = await twoTasks(t)
  await player(t, one.ws, event.code, 'Ada')
  const joining = quizPage(t, other.ws)
  const refused = await joining.join(event.code, 'ADA')
  assert.deepEqual({ ...refused, id: '' }, { type: 'refused', id: '', code: 'name_taken', suggestion: 'ADA 2' })
  assert.equal((await joining.joinAgain(event.code, 'ADA 2')).type, 'joined')
})

test('a question of five seconds closes by itself, and late answers are told so', { timeout: 60_000 }, async (t) => {
  const { one, event, hosting } = await twoTasks(t)
  const ada = await player(t, one.ws, event.code, 'Ada')
  await hosting.run('ask', { question: 1 })
  const asked = await ada.until('state', ({ phase }) => phase === 'question')
  assert.equal(Number(asked.closesAt) - Number(asked.opensAt), 5_000)
  const revealed = await ada.until('state', ({ phase }) => phase === 'revealed')
  const afterClosing = revealed.now - Number(asked.closesAt)
  assert.ok(afterClosing >= 2_000 && afterClosing < 8_000, `${afterClosing} ms`)
  assert.equal((await ada.until('result')).own?.choices, null)
  assert.equal((await ada.answer(1, [0], Number(asked.opensAt))).status, 'late')
})

test('a deployment in the middle of a question loses nothing', async (t) => {
  const { one, other, event } = await twoTasks(t)
  const hosting = await host(t, other.ws, event)
  const ada = await player(t, one.ws, event.code, 'Ada')
  await player(t, other.ws, event.code, 'Bob')
  await hosting.run('ask', { question: 0 })
  const { opensAt } = await ada.until('state', ({ phase }) => phase === 'question')
  await new Promise((resolve) => setTimeout(resolve, Number(opensAt) - Date.now()))
  const [ack] = await Promise.all([ada.answer(0, [0]), one.stop(10_000)])
  assert.equal(ack.status, 'saved')
  const again = await quizPage(t, other.ws).enter('player', event.id, ada.token)
  assert.deepEqual(again.answer, { choices: [0], status: 'saved' })
  // Bob, who came to the other task a moment before, has not answered
  assert.equal(again.state.phase, 'question')
})

test('a task that stops says last who has not answered, so that the question waits for them elsewhere', async (t) => {
  const { one, other, event } = await twoTasks(t)
  const hosting = await host(t, other.ws, event)
  const ada = await player(t, one.ws, event.code, 'Ada')
  await hosting.run('ask', { question: 0 })
  await ada.until('state', ({ phase }) => phase === 'question')
  await one.stop()
  const seen = seenRepository(openTable('us-east-1', table).rest)
  await eventually(
    () => seen.list(event.id),
    (said) => said.some(({ unanswered, draining }) => draining && unanswered === 1),
  )
})

test('hosts and screens see counts and names; phones get nothing for a join', async (t) => {
  const { one, other, event, hosting } = await twoTasks(t)
  const screen = quizPage(t, other.ws)
  const seen = await screen.enter('screen', event.id, event.screenToken)
  assert.deepEqual([seen.role, seen.roster?.players, seen.player], ['screen', 0, null])
  const ada = await player(t, one.ws, event.code, 'Ada')
  const bob = await player(t, other.ws, event.code, 'Bob')
  for (const each of [hosting, screen]) {
    const { names } = await each.shows('roster', ({ players }) => players === 2)
    assert.deepEqual(names, [
      { player: bob.no, name: 'Bob' },
      { player: ada.no, name: 'Ada' },
    ])
    const counts = await each.shows('counts', ({ connected, tasks }) => connected === 2 && tasks === 2)
    assert.deepEqual([counts.hosts, counts.screens, counts.silent], [1, 1, 0])
  }
  // all that a phone hears until the answer to its own message
  ada.send({ type: 'clock', sent: 1 })
  const heard = []
  do heard.push((await ada.next())['type'])
  while (heard.at(-1) !== 'clock')
  assert.deepEqual(
    heard.filter((type) => type !== 'heartbeat'),
    ['clock'],
  )
})

test('who is removed is closed with 4403 on every task, and may come back under another name', async (t) => {
  const { other, event, hosting } = await twoTasks(t)
  const rude = await player(t, other.ws, event.code, 'Rude')
  await hosting.shows('roster', ({ players }) => players === 1)
  assert.equal(await hosting.run('remove', { player: rude.no, ban: false }), 'ok')
  assert.deepEqual(await rude.closed(), { code: 4403, reason: 'removed' })
  const again = quizPage(t, other.ws)
  await again.until('welcome')
  again.send({ type: 'enter', role: 'player', event: event.id, token: rude.token, protocol: 1 })
  assert.equal((await again.closed()).code, 4403)
  assert.equal((await quizPage(t, other.ws).join(event.code, 'Polite')).type, 'joined')
})

test('a player who is renamed learns the new name, on a task that the host’s has not heard from yet', async (t) => {
  const { other, event, hosting } = await twoTasks(t)
  const ada = await player(t, other.ws, event.code, 'Ada')
  assert.equal(await hosting.run('rename', { player: ada.no }), 'ok')
  const { player: renamed } = await ada.until('snapshot')
  assert.notEqual(renamed?.name, 'Ada')
})

test('the fourth socket of a token closes the first with 4409', async (t) => {
  const { one, event } = await twoTasks(t)
  const first = await player(t, one.ws, event.code, 'Ada')
  for (let each = 0; each < 3; each += 1) await quizPage(t, one.ws).enter('player', event.id, first.token)
  assert.equal((await first.closed()).code, 4409)
})

test('new links let the holders of the old ones in no longer', { timeout: 60_000 }, async (t) => {
  const { one, event, hosting } = await twoTasks(t)
  await client(one.http, adminSecret)(`POST /api/events/${event.id}/links`)
  const late = quizPage(t, one.ws)
  await late.until('welcome')
  late.send({ type: 'enter', role: 'host', event: event.id, token: event.hostToken, protocol: 1 })
  assert.equal((await late.closed()).code, 4401)
  assert.equal((await hosting.closed()).code, 4401)
})

test('an hour after the end players are let in no more, the host still is', async (t) => {
  const { one, event } = await twoTasks(t)
  const { token } = await player(t, one.ws, event.code, 'Ada')
  const logs = logRepository(openTable('us-east-1', table).live)
  const number = (await logs.read(event.id, 0)).length + 1
  const records: LogRecord[] = [{ kind: 'ended' }]
  const item = { number, format: 1, by: 'other', nonce: 'n', at: Date.now() - 3_601_000, records }
  const appended = await logs.append(event.id, item, Date.now() / 1_000 + 3_600)
  assert.deepEqual(appended, { outcome: 'written' })
  const late = quizPage(t, one.ws)
  await late.until('welcome')
  const hosting = await host(t, one.ws, event)
  if (hosting.snapshot.state.phase !== 'ended') await hosting.see('ended')
  late.send({ type: 'enter', role: 'player', event: event.id, token, protocol: 1 })
  assert.equal((await late.closed()).code, 4410)
})

test('an event with a record of a newer release is refused with 1013, and reported once', async (t) => {
  const { one, event, hosting } = await twoTasks(t)
  const ada = await player(t, one.ws, event.code, 'Ada')
  const logs = logRepository(openTable('us-east-1', table).live)
  const number = (await logs.read(event.id, 0)).length + 1
  const records = [{ kind: 'teleported' }] as unknown as LogRecord[]
  const item = { number, format: 1, by: 'newer', nonce: 'n', at: Date.now(), records }
  const appended = await logs.append(event.id, item, Date.now() / 1_000 + 3_600)
  assert.deepEqual(appended, { outcome: 'written' })
  for (const each of [ada, hosting]) assert.equal((await each.closed()).code, 1013)
  for (let tried = 0; tried < 3; tried += 1) {
    const again = quizPage(t, one.ws)
    await again.until('welcome')
    again.send({ type: 'enter', role: 'player', event: event.id, token: ada.token, protocol: 1 })
    assert.equal((await again.closed()).code, 1013)
  }
  assert.equal(one.lines.filter((line) => line.includes('cannot be served by this release')).length, 1)
})
