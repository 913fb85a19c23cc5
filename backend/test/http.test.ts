import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestIdOf } from '../src/middleware/request-id.ts'
import { deafClient, dynamoDb, env, eventually, json, page, rawRequest, silenceable, task } from './backend.ts'
import { host, player, startEvent } from './event.ts'

test('/health answers with the release', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  assert.deepEqual(await json(`${http}/health`), { status: 200, body: { status: 'ok', release: env.RELEASE_ID } })
})

test('/health answers while DynamoDB is out', async (t) => {
  const database = await dynamoDb(t)
  const { http } = await task(t)
  await database.close()
  assert.equal((await json(`${http}/health`)).status, 200)
})

test('/health answers 503 while the task waits for its sockets to close', async (t) => {
  await dynamoDb(t)
  const backend = await task(t)
  const deaf = deafClient(t, backend.port)
  await eventually(
    async () => backend.hasSockets(),
    (has) => has,
  )
  const stopped = backend.stop(30_000)
  assert.deepEqual(await json(`${backend.http}/health`), {
    status: 503,
    body: { status: 'stopping', release: env.RELEASE_ID },
  })
  deaf.destroy()
  await stopped
})

test('the port is closed after a stop', async (t) => {
  await dynamoDb(t)
  const backend = await task(t)
  await backend.stop()
  await assert.rejects(fetch(`${backend.http}/health`))
})

test('/api/live counts events that have players, and their players, over all tasks', async (t) => {
  await dynamoDb(t)
  const [one, other] = [await task(t), await task(t)]
  const { code } = await startEvent(one.http)
  await startEvent(one.http)
  await player(t, one.ws, code, 'Ada')
  await player(t, other.ws, code, 'Bob')
  for (const { http } of [one, other]) {
    const { body } = await eventually(
      () => json(`${http}/api/live`),
      (answer) => (answer.body as { players: number }).players === 2,
    )
    assert.deepEqual(body, { quizzes: 1, players: 2 })
  }
})

test('/api/live counts no page that only looks, and no event that has ended', async (t) => {
  await dynamoDb(t)
  const { http, ws } = await task(t)
  await page(t, ws).next()
  assert.deepEqual(await json(`${http}/api/live`), { status: 200, body: { quizzes: 0, players: 0 } })
  const event = await startEvent(http)
  await player(t, ws, event.code, 'Ada')
  const { run } = await host(t, ws, event)
  const live = (quizzes: number) =>
    eventually(
      () => json(`${http}/api/live`),
      ({ body }) => (body as { quizzes: number }).quizzes === quizzes,
    )
  await live(1)
  await run('end')
  await live(0)
})

test('/api/live answers 503 while DynamoDB is out', async (t) => {
  const database = await dynamoDb(t)
  const { http } = await task(t)
  await database.close()
  assert.deepEqual(await json(`${http}/api/live`), {
    status: 503,
    body: { error: { code: 'unavailable', message: 'the database does not answer' } },
  })
})

test('/api/live answers 503 within ten seconds while DynamoDB is silent', async (t) => {
  const { endpoint } = await dynamoDb(t)
  const database = await silenceable(t, endpoint)
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = database.endpoint
  const { http } = await task(t)
  // the first call of all takes its time to load the SDK
  assert.equal((await json(`${http}/api/join/123456`)).status, 404)
  database.silence()
  const asked = performance.now()
  assert.deepEqual(await json(`${http}/api/live`), {
    status: 503,
    body: { error: { code: 'unavailable', message: 'the database does not answer' } },
  })
  assert.ok(performance.now() - asked < 10_000)
})

test('an unknown path answers 404 in JSON', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const response = await fetch(`${http}/api/nothing?token=1`)
  assert.equal(response.status, 404)
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
  assert.deepEqual(await response.json(), { error: { code: 'not_found', message: 'nothing at /api/nothing' } })
})

test('a path that is not a valid URL does not crash the server', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  assert.equal((await json(`${http}//`)).status, 404)
})

test('a request whose host is no host answers 400 in JSON', async (t) => {
  await dynamoDb(t)
  const { port } = await task(t)
  const answered = await rawRequest(port, 'GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
  assert.match(answered, /^HTTP\/1\.1 400 /)
  assert.match(answered, /"code":"bad_request"/)
})

test('a request of HTTP/1.0 without a host is answered', async (t) => {
  await dynamoDb(t)
  const { port } = await task(t)
  assert.match(await rawRequest(port, 'GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
})

test('HEAD answers without a body', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const response = await fetch(`${http}/health`, { method: 'HEAD' })
  assert.deepEqual([response.status, await response.text()], [200, ''])
})

test('a page of another origin gets 403 from /api, and one of an allowed origin an answer', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t, { allowedOrigins: ['https://quiz.example'] })
  const ask = (origin: string) => json(`${http}/api/live`, { headers: { origin } })
  assert.deepEqual(await ask('https://evil.example'), {
    status: 403,
    body: { error: { code: 'origin_refused', message: 'requests from this origin are not allowed' } },
  })
  assert.equal((await ask('https://quiz.example')).status, 200)
})

test('another method answers 405', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const response = await fetch(`${http}/health`, { method: 'POST' })
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'])
})

test('answers are not cached', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  assert.equal((await fetch(`${http}/api/live`)).headers.get('cache-control'), 'no-store')
})

const cdnId = 'k6WGMNkEzR5BEM_SaF47gjtX9zBDO2m349OY2an0QPEaUum1ZOLrow=='
const traceId = '1-67891233-abcdef012345678912345678'

test('a request is logged without its query, by the id that the access logs have for it', async (t) => {
  await dynamoDb(t)
  const { http, lines } = await task(t)
  await json(`${http}/api/live?token=secret`, {
    headers: { 'x-amz-cf-id': cdnId, 'x-amzn-trace-id': `Root=${traceId}` },
  })
  const line = await eventually(
    async () => lines.find((each) => each.includes('"request"')),
    (found) => found !== undefined,
  )
  const { message, method, path, status, requestId } = JSON.parse(line ?? '')
  assert.deepEqual(
    { message, method, path, status, requestId },
    { message: 'request', method: 'GET', path: '/api/live', status: 200, requestId: cdnId },
  )
})

test('past the CDN, the id is the load balancer’s; nothing else that is sent as one is repeated', () => {
  const ids = (headers: Record<string, string>) => requestIdOf(headers)
  assert.equal(ids({ 'x-amzn-trace-id': `Self=${traceId};Root=1-0-0` }), traceId)
  assert.equal(ids({ 'x-amz-cf-id': 'Zebediah', 'x-amzn-trace-id': `Root=${traceId};ann=1` }), traceId)
  for (const invented of ['Zebediah', `${cdnId}\n${cdnId}`, `${cdnId.slice(1)} `, '198.51.100.77']) {
    assert.equal(ids({ 'x-amz-cf-id': invented, 'x-amzn-trace-id': `Root=${invented}` }), undefined)
  }
  assert.equal(ids({}), undefined)
})
