import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { adminSecret, client as httpClient, dynamoDb, eventually, page, task } from './backend.ts'
import { host, player, quizPage, startEvent } from './event.ts'

async function running(t: TestContext, settings: Parameters<typeof startEvent>[1] = {}, maxPlayers = 100) {
  await dynamoDb(t)
  const backend = await task(t, { maxPlayers })
  const event = await startEvent(backend.http, settings)
  return { ...backend, event }
}

/** The question is open. */
async function open(t: TestContext, getReadySeconds = 1) {
  const { ws, event, ...others } = await running(t, { getReadySeconds })
  const hosting = await host(t, ws, event)
  const ada = await player(t, ws, event.code, 'Ada')
  const bob = await player(t, ws, event.code, 'Bob')
  await hosting.run('ask', { question: 0 })
  const { opensAt } = await ada.until('state', ({ phase }) => phase === 'question')
  return { ...others, ws, event, hosting, ada, bob, opensAt: Number(opensAt) }
}

test('an answer or a command before entering is refused', async (t) => {
  const { ws } = await running(t)
  const client = page(t, ws)
  await client.next()
  client.send({ type: 'answer', id: 'a', question: 0, choices: [0], at: 1 })
  assert.equal((await client.next())['code'], 'not_entered')
  client.send({ type: 'command', id: 'c', name: 'end', version: 0 })
  assert.equal((await client.next())['code'], 'not_entered')
})

test('a command by a player or a screen, and an answer by a host, is not allowed and changes nothing', async (t) => {
  const { ws, event } = await running(t)
  const ada = await player(t, ws, event.code, 'Ada')
  const screen = quizPage(t, ws)
  await screen.enter('screen', event.id, event.screenToken)
  for (const each of [ada, screen]) {
    each.send({ type: 'command', id: 'c', name: 'end', version: 0 })
    assert.equal((await each.until('error')).code, 'not_allowed')
  }
  const hosting = await host(t, ws, event)
  assert.equal(hosting.snapshot.state.phase, 'lobby')
  hosting.send({ type: 'answer', id: 'a', question: 0, choices: [0], at: 1 })
  assert.equal((await hosting.until('error')).code, 'not_allowed')
})

test('who has entered leaves a place for a socket that has not', async (t) => {
  const { ws, event } = await running(t, {}, 1)
  const strangers = Array.from({ length: 199 }, () => page(t, ws))
  await Promise.all(strangers.map((each) => each.next()))
  await host(t, ws, event)
  assert.equal((await page(t, ws).next())['type'], 'welcome')
})

test('entering twice is not allowed', async (t) => {
  const { ws, event } = await running(t)
  const ada = await player(t, ws, event.code, 'Ada')
  ada.send({ type: 'enter', role: 'player', event: event.id, token: ada.token, protocol: 1 })
  assert.equal((await ada.until('error')).code, 'not_allowed')
})

test('an answer before the question opens is refused', async (t) => {
  const { ada } = await open(t, 10)
  assert.equal((await ada.answer(0, [0])).status, 'not_open')
})

test('an answer twice, with options that cannot be, or for another question', async (t) => {
  const { ada, bob, opensAt } = await open(t)
  await new Promise((resolve) => setTimeout(resolve, opensAt - Date.now()))
  for (const choices of [[], [5], [0, 1], [0, 0]]) assert.equal((await ada.answer(0, choices)).status, 'invalid')
  assert.equal((await ada.answer(1, [0])).status, 'not_open')
  assert.equal((await ada.answer(77, [0])).status, 'invalid')
  ada.send({ type: 'answer', id: 'a', question: 0, choices: [0, 1, 2, 3, 4, 5, 0], at: 1 })
  assert.equal((await ada.until('error')).code, 'bad_message')
  assert.equal((await ada.answer(0, [1])).status, 'saved')
  const second = await ada.answer(0, [2])
  assert.deepEqual([second.status, second.choices], ['already', [1]])
  assert.equal((await bob.answer(0, [2])).status, 'saved')
})

for (const [what, name] of [
  ['empty', ''],
  ['of 3,000 characters', 'x'.repeat(3_000)],
  ['with bidi characters', 'Ada\u202E'],
  ['with zero-width characters', 'A\u200Bda'],
  ['of the list', 'fuck'],
] as const) {
  test(`a name ${what} is refused`, async (t) => {
    const { ws, event } = await running(t)
    const refused = await quizPage(t, ws).join(event.code, name)
    assert.equal(refused.type === 'refused' && refused.code, 'name_refused')
  })
}

test('a name of 10,000 characters closes the connection with 1009', async (t) => {
  const { ws, event } = await running(t)
  const client = quizPage(t, ws)
  await client.until('welcome')
  client.send({ type: 'join', id: 'A'.repeat(22), code: event.code, name: 'x'.repeat(10_000) })
  assert.equal((await client.closed()).code, 1009)
})

for (const name of ['=1+1', '<script>alert(1)</script>'.slice(0, 20)]) {
  test(`a player may be called ${name}`, async (t) => {
    const { ws, event } = await running(t)
    assert.equal((await player(t, ws, event.code, name)).snapshot.player?.name, name)
  })
}

test('joining is refused where the event is locked, full, over or not there', async (t) => {
  const { ws, event } = await running(t, {}, 1)
  const hosting = await host(t, ws, event)
  const code = async (given: string, name: string) => {
    const answer = await quizPage(t, ws).join(given, name)
    return answer.type === 'refused' ? answer.code : answer.type
  }
  await hosting.run('lock')
  assert.equal(await code(event.code, 'Ada'), 'locked')
  await hosting.run('unlock')
  assert.equal(await code(event.code, 'Ada'), 'joined')
  assert.equal(await code(event.code, 'Bob'), 'full')
  await hosting.run('end')
  assert.equal(await code(event.code, 'Bob'), 'ended')
  const other = String((Number(event.code) + 1) % 1_000_000).padStart(6, '0')
  assert.equal(await code(other, 'Bob'), 'no_such_code')
  assert.equal(await code('1', 'Bob'), 'no_such_code')
})

test('the 31st guessed code of a minute is told to slow down', async (t) => {
  const { ws } = await running(t)
  const guesser = quizPage(t, ws)
  const first = await guesser.join('x', 'Ada')
  assert.equal(first.type === 'refused' && first.code, 'no_such_code')
  for (let each = 2; each <= 31; each += 1) {
    // a fresh connection each time: the limit is the viewer's, not the socket's
    const refused = await quizPage(t, ws).join('x', 'Ada')
    assert.equal(refused.type === 'refused' && refused.code, each <= 30 ? 'no_such_code' : 'slow_down')
  }
})

test('each new player allows the address one more wrong code, a join sent again does not', async (t) => {
  const { ws, event } = await running(t)
  for (const name of ['Ada', 'Bob', 'Bob']) await quizPage(t, ws).join(event.code, name, name[0]?.repeat(22))
  for (let each = 1; each <= 33; each += 1) {
    const refused = await quizPage(t, ws).join('x', 'Cyd')
    assert.equal(refused.type === 'refused' && refused.code, each <= 32 ? 'no_such_code' : 'slow_down')
  }
})

test('a guessed token is closed with 4401, the 31st of a minute with 1013; a right one never waits', async (t) => {
  const { ws, event } = await running(t)
  const ada = await player(t, ws, event.code, 'Ada')
  for (let each = 1; each <= 31; each += 1) {
    const guesser = quizPage(t, ws)
    await guesser.until('welcome')
    guesser.send({ type: 'enter', role: 'player', event: event.id, token: 'guess', protocol: 1 })
    assert.equal((await guesser.closed()).code, each <= 30 ? 4401 : 1013)
  }
  for (const role of ['host', 'screen'] as const) {
    const guesser = quizPage(t, ws)
    await guesser.until('welcome')
    guesser.send({ type: 'enter', role, event: event.id, token: 'guess', protocol: 1 })
    assert.equal((await guesser.closed()).code, 1013)
  }
  await quizPage(t, ws).enter('player', event.id, ada.token)
  await host(t, ws, event)
  await quizPage(t, ws).enter('screen', event.id, event.screenToken)
})

test('a host token opens no screen, and a screen token commands nothing', async (t) => {
  const { ws, event } = await running(t)
  const wrong = quizPage(t, ws)
  await wrong.until('welcome')
  wrong.send({ type: 'enter', role: 'host', event: event.id, token: event.screenToken, protocol: 1 })
  assert.equal((await wrong.closed()).code, 4401)
})

test('an event that is not there, or can be none, is closed with 4404', async (t) => {
  const { ws, lines } = await running(t)
  for (const event of ['nowhere', '', '\u{D800}', 'a b']) {
    const lost = quizPage(t, ws)
    await lost.until('welcome')
    lost.send({ type: 'enter', role: 'player', event, token: 'x', protocol: 1 })
    assert.equal((await lost.closed()).code, 4404)
  }
  assert.deepEqual(
    lines.filter((line) => line.includes('could not be entered')),
    [],
  )
})

test('a page that is too old is told so, and may still ask the time', async (t) => {
  const { ws, event } = await running(t)
  const old = quizPage(t, ws)
  await old.until('welcome')
  old.send({ type: 'enter', role: 'player', event: event.id, token: 'x', protocol: 0 })
  assert.equal((await old.until('error')).code, 'outdated')
  old.send({ type: 'clock', sent: 1 })
  await old.until('clock')
})

test('a double click on a command is stale', async (t) => {
  const { ws, event } = await running(t)
  const hosting = await host(t, ws, event)
  const [one, two] = await Promise.all([
    hosting.command('ask', 0, { question: 0 }),
    // asked on another connection: the host's link is open twice
    host(t, ws, event).then((other) => other.command('ask', 0, { question: 1 })),
  ])
  assert.deepEqual([one.status, two.status], ['ok', 'stale'])
})

test('an event that is erased closes every socket', { timeout: 60_000 }, async (t) => {
  const { http, ws, event } = await running(t)
  const ada = await player(t, ws, event.code, 'Ada')
  assert.equal((await httpClient(http, adminSecret)(`DELETE /api/events/${event.id}`)).status, 204)
  assert.equal((await ada.closed()).code, 4404)
})

test('DynamoDB is out: who is playing stays, and an event that is not loaded is asked for again later', async (t) => {
  const database = await dynamoDb(t)
  const backend = await task(t)
  const event = await startEvent(backend.http)
  const ada = await player(t, backend.ws, event.code, 'Ada')
  const fresh = await task(t)
  await database.close()
  const again = await quizPage(t, backend.ws).enter('player', event.id, ada.token)
  assert.equal(again.player?.name, 'Ada')
  const late = quizPage(t, fresh.ws)
  await late.until('welcome')
  late.send({ type: 'enter', role: 'player', event: event.id, token: ada.token, protocol: 1 })
  assert.equal((await late.closed()).code, 1013)
  await eventually(
    async () => backend.lines.some((line) => line.includes('could not be read')),
    (has) => has,
  )
})
