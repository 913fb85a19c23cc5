import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminSecret, client, dynamoDb, task } from './backend.ts'
import { quiz } from './quiz-fixtures.ts'

interface Started {
  id: string
  hostToken: string
  screenToken: string
}

/** As the CDN and the load balancer write it. */
const from = (viewer: string) => ({ 'x-forwarded-for': `${viewer}, 130.176.0.1` })

/** An event of a task that just started, and both its clients. */
async function startEvent(ask: ReturnType<typeof client>): Promise<Started> {
  const { id } = (await ask<{ id: string }>('POST /api/quizzes', quiz())).body
  return (await ask<Started>('POST /api/events', { quiz: id })).body
}

const adminOnly = [
  'GET /api/quizzes',
  'POST /api/quizzes',
  'GET /api/quizzes/1',
  'PUT /api/quizzes/1',
  'DELETE /api/quizzes/1',
  'POST /api/quizzes/1/copy',
  'POST /api/media',
  'GET /api/events',
  'POST /api/events',
  'DELETE /api/events/1',
  'POST /api/events/1/links',
]

for (const request of adminOnly) {
  test(`${request} needs the admin secret`, async (t) => {
    await dynamoDb(t)
    const { http } = await task(t)
    for (const secret of [undefined, 'wrong', `${adminSecret}x`]) {
      const { status, headers } = await client(http, secret)(request)
      assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer'])
    }
  })
}

test('the secret in a query string is no secret', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  assert.equal((await client(http)(`GET /api/quizzes?secret=${adminSecret}&token=${adminSecret}`)).status, 401)
})

test('without a secret of its own a task has no admin', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t, { adminSecret: undefined })
  for (const secret of ['undefined', adminSecret]) {
    assert.equal((await client(http, secret)('GET /api/quizzes')).status, 401)
  }
})

test('the tenth wrong secret in a minute is the last: then even the right one has to wait', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const statuses: number[] = []
  for (let tried = 0; tried < 11; tried += 1) {
    statuses.push((await client(http, `guess-${tried}`)('GET /api/quizzes', undefined, from('198.51.100.7'))).status)
  }
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 401), 429])
  const right = await client(http, adminSecret)('GET /api/quizzes', undefined, from('198.51.100.7'))
  assert.equal(right.status, 429)
  assert.ok(Number(right.headers.get('retry-after')) > 50)
  const elsewhere = await client(http, adminSecret)('GET /api/quizzes', undefined, from('198.51.100.8'))
  assert.equal(elsewhere.status, 200)
})

test('the admin secret is not guessed more often where a host token is taken, too', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const guess = () => client(http, 'guess')('GET /api/events/e1', undefined, from('198.51.100.7'))
  for (let tried = 0; tried < 10; tried += 1) assert.equal((await guess()).status, 401)
  assert.equal((await guess()).status, 429)
  const right = client(http, adminSecret)('GET /api/events/e1', undefined, from('198.51.100.7'))
  assert.equal((await right).status, 429)
})

test('a host need not wait because of wrong tokens and admin secrets of the same address', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const { id, hostToken } = await startEvent(client(http, adminSecret))
  const ask = (secret: string) => client(http, secret)(`GET /api/events/${id}`, undefined, from('198.51.100.7'))
  for (let tried = 0; tried < 10; tried += 1) await ask('guess')
  for (let tried = 0; tried < 30; tried += 1) await ask('a'.repeat(22))
  for (const wrong of ['guess', 'a'.repeat(22)]) assert.equal((await ask(wrong)).status, 429)
  assert.equal((await ask(hostToken)).status, 200)
})

test('viewers who all guess behind one address of the CDN make nobody else wait', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const ask = (secret: string, viewer: number) =>
    client(http, secret)('GET /api/quizzes', undefined, from(`198.51.100.${viewer}`))
  for (let guess = 0; guess < 100; guess += 1) assert.equal((await ask('wrong', guess % 10)).status, 401)
  assert.equal((await ask(adminSecret, 0)).status, 429)
  assert.equal((await ask(adminSecret, 10)).status, 200)
})

test('the host token opens its own event, and no other one and nothing of the admin', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const [own, other] = [await startEvent(client(http, adminSecret)), await startEvent(client(http, adminSecret))]
  const host = client(http, own.hostToken)
  assert.equal((await host(`GET /api/events/${own.id}`)).status, 200)
  assert.equal((await host(`GET /api/events/${other.id}`)).status, 401)
  assert.equal((await host('GET /api/events')).status, 401)
  assert.equal((await host(`DELETE /api/events/${own.id}`)).status, 401)
})

test('the screen token does not open what the host sees', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const { id, screenToken } = await startEvent(client(http, adminSecret))
  assert.equal((await client(http, screenToken)(`GET /api/events/${id}`)).status, 401)
})

test('new links close the old ones', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const ask = client(http, adminSecret)
  const { id, hostToken } = await startEvent(ask)
  const links = await ask<Started>(`POST /api/events/${id}/links`)
  assert.equal(links.status, 201)
  assert.equal((await client(http, hostToken)(`GET /api/events/${id}`)).status, 401)
  assert.equal((await client(http, links.body.hostToken)(`GET /api/events/${id}`)).status, 200)
})

test('what can be no id is not found, and asks the database nothing', async (t) => {
  const database = await dynamoDb(t)
  const { http, lines } = await task(t)
  await database.close()
  for (const id of ['x'.repeat(1_100), 'a%00b', '%F0%9F%98%80']) {
    for (const request of [`GET /api/events/${id}/players`, `GET /api/events/${id}`, `DELETE /api/quizzes/${id}`]) {
      assert.equal((await client(http, 'x')(request)).status, 404)
    }
    assert.equal((await client(http, adminSecret)('POST /api/events', { quiz: id })).status, 422)
  }
  assert.deepEqual(
    lines.filter((line) => line.includes('"error"')),
    [],
  )
})

test('a viewer waits after 30 wrong host tokens', async (t) => {
  await dynamoDb(t)
  const { http } = await task(t)
  const { id, hostToken } = await startEvent(client(http, adminSecret))
  const guess = () => client(http, 'a'.repeat(22))(`GET /api/events/${id}`, undefined, from('198.51.100.7'))
  for (let tried = 0; tried < 30; tried += 1) assert.equal((await guess()).status, 401)
  assert.equal((await guess()).status, 429)
  const right = await client(http, hostToken)(`GET /api/events/${id}`, undefined, from('198.51.100.8'))
  assert.equal(right.status, 200)
})
