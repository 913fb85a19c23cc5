import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deafClient, dynamoDb, env, eventually, page, refusal, task } from './backend.ts'

const site = 'https://d123.cloudfront.net'

for (const path of ['/', '/ws']) {
  test(`a page that connects at ${path} is welcomed`, async (t) => {
    await dynamoDb(t)
    const { ws } = await task(t)
    const { connectionId, ...welcome } = await page(t, `${ws}${path}`).next()
    assert.deepEqual(welcome, { type: 'welcome', release: env.RELEASE_ID, players: 1 })
    assert.match(String(connectionId), /^[0-9a-f-]{36}$/)
  })
}

test('a ping comes back with what DynamoDB knows of the connection', async (t) => {
  const { connections } = await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  const id = String((await client.next())['connectionId'])
  await connections.put({ id, connectedAt: '2001-01-01T00:00:00.000Z' }, 60)
  client.send({ type: 'ping', id: 'a7' })
  assert.deepEqual(await client.next(), {
    type: 'pong',
    id: 'a7',
    connectedSince: '2001-01-01T00:00:00.000Z',
    players: 1,
  })
})

test('a message sent before the welcome is answered after it', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  client.socket.once('open', () => client.send({ type: 'ping', id: 1 }))
  assert.deepEqual([(await client.next())['type'], (await client.next())['type']], ['welcome', 'pong'])
})

test('a burst of pings is answered completely and in order', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  const ids = Array.from({ length: 200 }, (_, index) => index)
  for (const id of ids) client.send({ type: 'ping', id })
  const answered: unknown[] = []
  while (answered.length < ids.length) answered.push((await client.next())['id'])
  assert.deepEqual(answered, ids)
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
    body: { error: { code: 'origin_refused', message: 'pages of this origin may not connect' } },
  })
})

test('a WebSocket at another path is refused', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  assert.equal((await refusal(`${ws}/api/live`)).status, 404)
})

for (const [what, message] of [
  ['text that is not JSON', '{'],
  ['JSON that is not an object', '3'],
  ['a message without a type', '{"id":1}'],
  ['a message of an unknown type', '{"type":"toString","id":1}'],
  ['a ping without an id', '{"type":"ping"}'],
] as const) {
  test(`${what} gets an error message, and the connection stays`, async (t) => {
    await dynamoDb(t)
    const { ws } = await task(t)
    const client = page(t, ws)
    await client.next()
    client.send(message)
    const { type, code } = await client.next()
    assert.deepEqual({ type, code }, { type: 'error', code: 'bad_message' })
    client.send({ type: 'ping', id: 1 })
    assert.equal((await client.next())['type'], 'pong')
  })
}

test('a message that is too long closes the connection with 1009', async (t) => {
  await dynamoDb(t)
  const { ws } = await task(t)
  const client = page(t, ws)
  await client.next()
  client.send({ type: 'ping', id: 'x'.repeat(5_000) })
  assert.equal((await client.closed).code, 1009)
})

test('a stop closes open connections with 1012', async (t) => {
  await dynamoDb(t)
  const backend = await task(t)
  const client = page(t, backend.ws)
  await client.next()
  await backend.stop()
  assert.deepEqual(await client.closed, { code: 1012, reason: 'service restart' })
})

test('a new connection is refused while the task waits for its sockets to close', async (t) => {
  const { connections } = await dynamoDb(t)
  const backend = await task(t)
  deafClient(t, backend.port)
  await eventually(
    () => connections.count(),
    (count) => count === 1,
  )
  const stopped = backend.stop()
  assert.equal((await refusal(backend.ws)).status, 503)
  await stopped
})

test('a stop removes the rows of its connections', async (t) => {
  const { connections } = await dynamoDb(t)
  const backend = await task(t)
  const client = page(t, backend.ws)
  const id = String((await client.next())['connectionId'])
  await backend.stop()
  assert.equal(await connections.get(id), undefined)
})

test('a heartbeat keeps a connection in the count', async (t) => {
  const { connections } = await dynamoDb(t)
  const { ws } = await task(t, { heartbeatSeconds: 0.1 })
  const client = page(t, ws)
  const id = String((await client.next())['connectionId'])
  await connections.put({ id, connectedAt: '2026-11-23T00:00:00.000Z' }, -1)
  await eventually(
    () => connections.count(),
    (count) => count === 1,
  )
})

test('a client that answers no heartbeat is disconnected and not counted', async (t) => {
  const { connections } = await dynamoDb(t)
  const { ws } = await task(t, { heartbeatSeconds: 0.1 })
  const client = page(t, ws, { autoPong: false })
  await client.next()
  assert.equal((await client.closed).code, 1006)
  await eventually(
    () => connections.count(),
    (count) => count === 0,
  )
})

test('a new connection is closed with 1011 while DynamoDB is out', async (t) => {
  const database = await dynamoDb(t)
  const { ws } = await task(t)
  await database.close()
  const client = page(t, ws)
  assert.deepEqual(await client.next(), {
    type: 'error',
    code: 'unavailable',
    message: 'the database does not answer',
  })
  assert.deepEqual(await client.closed, { code: 1011, reason: 'database unavailable' })
})

test('an open connection survives a DynamoDB outage', async (t) => {
  const database = await dynamoDb(t)
  const { ws } = await task(t, { heartbeatSeconds: 0.1 })
  const client = page(t, ws)
  await client.next()
  await database.close()
  client.send({ type: 'ping', id: 1 })
  assert.equal((await client.next())['code'], 'unavailable')
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.equal(client.socket.readyState, client.socket.OPEN)
})
