import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deafClient, dynamoDb, env, eventually, page, refusal, task } from './backend.ts'

const site = 'https://d123.cloudfront.net'

for (const path of ['/', '/ws']) {
  test(`a page that connects at ${path} is welcomed`, async (t) => {
    await dynamoDb(t)
    const { ws } = await task(t)
    const { now, ...welcome } = await page(t, new URL(path, ws).href).next()
    assert.deepEqual(welcome, { type: 'welcome', release: env.RELEASE_ID, protocol: 1 })
    assert.ok(Math.abs(Number(now) - Date.now()) < 10_000)
  })
}

test('a page is welcomed while DynamoDB is out, and a ping says so', async (t) => {
  const database = await dynamoDb(t)
  const { ws } = await task(t)
  await database.close()
  const client = page(t, ws)
  assert.equal((await client.next())['type'], 'welcome')
  client.send({ type: 'ping', id: 'a' })
  assert.deepEqual(await client.next(), {
    type: 'error',
    code: 'unavailable',
    message: 'the database does not answer',
  })
  client.send({ type: 'clock', sent: 1 })
  assert.equal((await client.next())['type'], 'clock')
})

test('a ping comes back with what DynamoDB knows', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  client.send({ type: 'ping', id: 'a7' })
  assert.deepEqual(await client.next(), { type: 'pong', id: 'a7', stored: 0, players: 0 })
})

test('a clock comes back with the time of the server', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  client.send({ type: 'clock', sent: 12.5 })
  const { type, sent, now } = await client.next()
  assert.deepEqual({ type, sent }, { type: 'clock', sent: 12.5 })
  assert.ok(Math.abs(Number(now) - Date.now()) < 10_000)
})

test('a message sent before the welcome is answered after it', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  client.socket.once('open', () => client.send({ type: 'ping', id: '1' }))
  assert.deepEqual([(await client.next())['type'], (await client.next())['type']], ['welcome', 'pong'])
})

test('a page of an allowed origin may connect', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t, { allowedOrigins: ['https://other.example', site] })
  assert.equal((await page(t, ws, { origin: site }).next())['type'], 'welcome')
})

test('a client without an origin may connect', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t, { allowedOrigins: [site] })
  assert.equal((await page(t, ws).next())['type'], 'welcome')
})

test('a page of another origin is refused', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t, { allowedOrigins: [site] })
  assert.deepEqual(await refusal(ws, { origin: 'https://evil.example' }), {
    status: 403,
    body: { error: { code: 'origin_refused', message: 'connections from this origin are not allowed' } },
  })
})

test('a WebSocket at another path is refused', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  assert.equal((await refusal(new URL('/api/live', ws).href)).status, 404)
})

for (const path of ['/', '/ws']) {
  test(
    `more than 200 sockets at ${path} that enter no event are refused until one leaves`,
    { timeout: 60_000 },
    async (t) => {
      await dynamoDb(t)
      const { port } = await task(t, { maxPlayers: 1 })
      const url = `ws://127.0.0.1:${port}${path}`
      const pages = Array.from({ length: 200 }, () => page(t, url))
      await Promise.all(pages.map((each) => each.next()))
      assert.equal((await refusal(url)).status, 503)
      pages[0]?.socket.close()
      await pages[0]?.closed()
      assert.equal((await page(t, url).next())['type'], 'welcome')
    },
  )
}

test('a socket at / answers a ping, and takes part in no quiz', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, new URL('/', ws).href)
  await client.next()
  const id = 'A'.repeat(22)
  const asked = [
    { type: 'join', id, code: '123456', name: 'Ada' },
    { type: 'enter', role: 'player', event: 'e', token: 't', protocol: 1 },
    { type: 'answer', id, question: 0, choices: [0], at: 1 },
    { type: 'command', id, version: 0, name: 'end' },
  ]
  for (const message of asked) {
    client.send(message)
    assert.deepEqual(await client.next(), {
      type: 'error',
      code: 'not_allowed',
      message: 'this socket is for diagnosis: a quiz is at /ws of the site',
    })
  }
  client.send({ type: 'ping', id: '1' })
  assert.equal((await client.next())['type'], 'pong')
})

for (const [what, message] of [
  ['text that is not JSON', '{'],
  ['JSON that is not an object', '3'],
  ['a message without a type', '{"id":"1"}'],
  ['a message of an unknown type', '{"type":"toString","id":"1"}'],
  ['a ping without an id', '{"type":"ping"}'],
  ['bytes', Buffer.from('{"type":"ping","id":"1"}')],
] as const) {
  test(`${what} gets an error message, and the connection stays`, async (t) => {
    await dynamoDb(t)
    const { ws } = await task(t)
    const client = page(t, ws)
    await client.next()
    client.socket.send(message)
    const { type, code } = await client.next()
    assert.deepEqual({ type, code }, { type: 'error', code: 'bad_message' })
    client.send({ type: 'ping', id: '1' })
    assert.equal((await client.next())['type'], 'pong')
  })
}

test('a message of 4,097 bytes closes the connection with 1009, one of 4,096 does not', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  client.send('x'.repeat(4_096))
  assert.equal((await client.next())['code'], 'bad_message')
  client.send('x'.repeat(4_097))
  assert.equal((await client.closed()).code, 1009)
})

test('the tenth message that makes no sense closes the connection with 4400', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  for (let each = 0; each < 10; each += 1) client.send('nonsense')
  assert.equal((await client.closed()).code, 4400)
})

test('50 messages a second are told to slow down, then closed with 4400', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  const flood = setInterval(() => client.send({ type: 'clock', sent: 1 }), 20)
  t.after(() => clearInterval(flood))
  const answers: unknown[] = []
  client.socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString())))
  assert.equal((await client.closed()).code, 4400)
  const warnings = answers.filter((each) => (each as { code?: string }).code === 'slow_down')
  assert.equal(warnings.length, 1)
})

test('a flood on one connection does not slow another one', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const [rude, polite] = [page(t, ws), page(t, ws)]
  await Promise.all([rude.next(), polite.next()])
  for (let each = 0; each < 1_000; each += 1) rude.send({ type: 'ping', id: '1' })
  polite.send({ type: 'ping', id: '2' })
  assert.equal((await polite.next())['id'], '2')
  assert.equal((await rude.closed()).code, 4400)
})

test('a stop closes open connections with 1012', async (t) => {
  await dynamoDb(t)
  const backend = await task(t)
  const client = page(t, backend.ws)
  await client.next()
  await backend.stop()
  assert.deepEqual(await client.closed(), { code: 1012, reason: 'service restart' })
})

test('a new connection is refused while the task waits for its sockets to close', async (t) => {
  await dynamoDb(t)
  const backend = await task(t)
  const deaf = deafClient(t, backend.port)
  await eventually(
    async () => backend.hasSockets(),
    (has) => has,
  )
  const stopped = backend.stop(30_000)
  assert.equal((await refusal(backend.ws)).status, 503)
  deaf.destroy()
  await stopped
})

test('every connection gets heartbeats with the time', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t, { heartbeatSeconds: 0.5 })
  const client = page(t, ws)
  await client.next()
  for (let each = 0; each < 3; each += 1) {
    const { type, now } = await client.next()
    assert.equal(type, 'heartbeat')
    assert.ok(Math.abs(Number(now) - Date.now()) < 10_000)
  }
})

test('a client that answers no heartbeat is disconnected', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t, { heartbeatSeconds: 0.1 })
  const client = page(t, ws, { autoPong: false })
  await client.next()
  assert.equal((await client.closed()).code, 1006)
})
