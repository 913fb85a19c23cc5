import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { createClient, openTable } from '../src/db/client.ts'
import { codeRepository } from '../src/db/repositories/codes.ts'
import { eventRepository } from '../src/db/repositories/events.ts'
import { logRepository } from '../src/db/repositories/log.ts'
import { quizRepository } from '../src/db/repositories/quizzes.ts'
import { seenRepository } from '../src/db/repositories/seen.ts'
import { createEvents } from '../src/services/events.ts'
import { createHub } from '../src/services/hub/hub.ts'
import type { Peer } from '../src/services/hub/peer.ts'
import { systemClock } from '../src/services/log/clock.ts'
import { createOpenLogs } from '../src/services/log/open-logs.ts'
import { createLog } from '../src/services/log.ts'
import { createToken, hashOf } from '../src/services/tokens.ts'
import { type Quiz, settingsSchema } from '../src/types/quiz.ts'
import { adminSecret, client, dynamoDb, eventually, table, task } from './backend.ts'
import { quiz } from './quiz-fixtures.ts'

interface Started {
  id: string
  code: string
  hostToken: string
  screenToken: string
  expiresAt: number
}

/** A quiz at a task, with what the table holds. */
async function withQuiz(t: TestContext, changes: Parameters<typeof quiz>[0] = {}) {
  await dynamoDb(t)
  const { http, lines } = await task(t, { retentionDays: 7, maxPlayers: 50 })
  const ask = client(http, adminSecret)
  const { id } = (await ask<{ id: string }>('POST /api/quizzes', quiz(changes))).body
  const database = createClient('us-east-1')
  return {
    ask,
    http,
    lines,
    start: async (settings?: object) => (await ask<Started>('POST /api/events', { quiz: id, settings })).body,
    items: async () => (await database.send(new ScanCommand({ TableName: table }))).Items ?? [],
    partition: async (pk: string) =>
      (
        await database.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': pk },
          }),
        )
      ).Items ?? [],
  }
}

test('an event gets a code of six digits, two tokens, and a day on which it expires', async (t) => {
  const { start } = await withQuiz(t)
  const { id, code, hostToken, screenToken, expiresAt } = await start()
  assert.match(code, /^\d{6}$/)
  for (const secret of [id, hostToken, screenToken]) assert.match(secret, /^[\w-]{22}$/)
  assert.equal(new Set([id, hostToken, screenToken]).size, 3)
  const days = (expiresAt - Date.now() / 1_000) / 86_400
  assert.ok(days > 6.99 && days < 7.01, `${days} days`)
})

test('a start whose answer was lost is sent again: one event, and the new links are valid', async (t) => {
  const { ask, items } = await withQuiz(t)
  const [{ id: quizId } = { id: '' }] = (await ask<{ id: string }[]>('GET /api/quizzes')).body
  const key = createToken()
  const start = async () => (await ask<Started>('POST /api/events', { quiz: quizId }, { 'idempotency-key': key })).body
  const { hostToken: lost, screenToken: _, ...first } = await start()
  const { hostToken, screenToken: __, ...again } = await start()
  assert.deepEqual([again, again.id], [first, key])
  const { http } = await task(t)
  assert.equal((await client(http, hostToken)(`GET /api/events/${key}`)).status, 200)
  assert.equal((await client(http, lost)(`GET /api/events/${key}`)).status, 401)
  assert.deepEqual((await items()).map(({ pk }) => String(pk).replace(/#.*/, '')).toSorted(), [
    'CODE',
    'EVENT',
    'LOG',
    'QUIZ',
  ])
})

test('a start that broke off before the event was in the list is completed when it is sent again', async (t) => {
  const world = await withQuiz(t)
  const { event, events, stored } = await erasable(world)
  await stored.events.remove(event.id)
  const again = await events.start(event.id, 'none', v.parse(settingsSchema, {}))
  assert.deepEqual([again?.code, again?.expiresAt], [event.code, event.expiresAt])
  assert.deepEqual(
    (await events.list()).map(({ id }) => id),
    [event.id],
  )
})

test('the log of an event begins with a frozen copy of the quiz and the settings', async (t) => {
  const { start, partition } = await withQuiz(t)
  const { id, code } = await start({ reveal: 'host' })
  const [first, ...others] = await partition(`LOG#${id}`)
  assert.deepEqual([first?.['sk'], others], ['00000001', []])
  assert.deepEqual(JSON.parse(String(first?.['records'])), [
    {
      kind: 'created',
      event: id,
      code,
      quiz: quiz(),
      settings: {
        getReadySeconds: 3,
        reveal: 'host',
        speed: true,
        questionsOnPhones: true,
        lateJoining: true,
        generatedNames: false,
      },
      maxPlayers: 50,
      retentionDays: 7,
    },
  ])
})

test('the table holds hashes of the tokens, not the tokens', async (t) => {
  const { start, items } = await withQuiz(t)
  const { hostToken, screenToken } = await start()
  const stored = JSON.stringify(await items())
  for (const token of [hostToken, screenToken]) {
    assert.ok(stored.includes(hashOf(token)))
    assert.ok(!stored.includes(token))
  }
})

test('every item of an event expires on the same day', async (t) => {
  const { start, items } = await withQuiz(t)
  const { expiresAt } = await start()
  const ofEvent = (await items()).filter(({ pk }) => pk !== 'QUIZ')
  assert.deepEqual(ofEvent.map(({ pk }) => String(pk).replace(/#.*/, '')).toSorted(), ['CODE', 'EVENT', 'LOG'])
  assert.deepEqual(new Set(ofEvent.map((item) => item['expiresAt'])), new Set([expiresAt]))
})

test('an event of a quiz that is not there gets 404, and one with an unknown setting 422', async (t) => {
  const { ask, items } = await withQuiz(t)
  assert.equal((await ask('POST /api/events', { quiz: 'none' })).status, 404)
  assert.equal((await ask('POST /api/events', { quiz: 'none', settings: { speedy: true } })).status, 422)
  assert.deepEqual(
    (await items()).map(({ pk }) => pk),
    ['QUIZ'],
  )
})

test('the list has the newest event first, and no token and no hash', async (t) => {
  const { ask, start } = await withQuiz(t)
  const [first, second] = [await start(), await start()]
  const { body } = await ask<Record<string, unknown>[]>('GET /api/events')
  assert.deepEqual(new Set(body.map(({ id }) => id)), new Set([first.id, second.id]))
  const { title, players, live, ...others } = body[0] ?? {}
  assert.deepEqual([title, players, live], ['Cities', 0, false])
  assert.deepEqual(Object.keys(others).toSorted(), [
    'code',
    'createdAt',
    'expiresAt',
    'generatedNames',
    'id',
    'language',
  ])
})

test('a code leads to what a page shows before it joins', async (t) => {
  const { http, start } = await withQuiz(t, { language: 'de' })
  const { id, code } = await start({ generatedNames: true })
  const { status, body } = await client(http)<{ keptUntil: number }>(`GET /api/join/${code}`)
  const { keptUntil, ...others } = body
  assert.deepEqual([status, others], [200, { event: id, title: 'Cities', language: 'de', generatedNames: true }])
  const days = (keptUntil - Date.now()) / 86_400_000
  assert.ok(days > 6.99 && days < 7.01, `${days} days`)
})

test('an event that was prepared long ago is kept for all its days after today', async (t) => {
  const { http, start } = await withQuiz(t)
  const { id, code } = await start()
  const events = eventRepository(openTable('us-east-1', table).rest)
  const event = await events.get(id)
  assert.ok(event)
  await events.remove(id)
  await events.create({ ...event, expiresAt: Math.ceil(Date.now() / 1_000) + 60 })
  const { body } = await client(http)<{ keptUntil: number }>(`GET /api/join/${code}`)
  assert.ok(body.keptUntil > Date.now() + 6.99 * 86_400_000)
})

test('the code of an event that is over says so', async (t) => {
  const { http, start } = await withQuiz(t)
  const { id, code, expiresAt } = await start()
  await eventRepository(openTable('us-east-1', table).rest).end(id, { endedAt: Date.now(), players: 3, expiresAt })
  const { status, body } = await client(http)(`GET /api/join/${code}`)
  assert.deepEqual([status, body], [410, { error: { code: 'ended', message: 'this event is over' }, event: id }])
})

test('a viewer waits after 30 codes that lead nowhere, right codes do not count', async (t) => {
  const { http, start } = await withQuiz(t)
  const { code } = await start()
  const ask = (tried: string, viewer = '198.51.100.7') =>
    client(http)(`GET /api/join/${tried}`, undefined, { 'x-forwarded-for': `${viewer}, 130.176.0.1` })
  const wrong = code === '000000' ? '000001' : '000000'
  for (let tried = 0; tried < 50; tried += 1) assert.equal((await ask(code)).status, 200)
  for (let tried = 0; tried < 30; tried += 1) assert.equal((await ask(wrong)).status, 404)
  const refused = await ask(code)
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) > 50)
  assert.equal((await ask(code, '198.51.100.8')).status, 200)
})

for (const code of ['12345', '1234567', 'abcdef', '%F0%9F%98%80', 'x'.repeat(10_000)]) {
  test(`${code.slice(0, 20)} is no code`, async (t) => {
    const { http } = await withQuiz(t)
    assert.equal((await client(http)(`GET /api/join/${code}`)).status, 404)
  })
}

test('an erased event leaves no item, and its quiz stays', async (t) => {
  const { ask, http, start, items } = await withQuiz(t)
  const { id, code } = await start()
  const other = await start()
  assert.equal((await ask(`DELETE /api/events/${id}`)).status, 204)
  const left = JSON.stringify(await items())
  assert.ok(!left.includes(id) && !left.includes(`CODE#${code}`))
  assert.ok(left.includes(other.id))
  assert.equal((await ask(`DELETE /api/events/${id}`)).status, 404)
  assert.equal((await client(http)(`GET /api/join/${code}`)).status, 404)
  assert.equal((await client(http)(`GET /api/join/${other.code}`)).status, 200)
  assert.equal((await ask<unknown[]>('GET /api/quizzes')).body.length, 1)
})

/** An event, what it is stored in, and its erasure with the second one after so many milliseconds. */
async function erasable({ ask }: Awaited<ReturnType<typeof withQuiz>>, second = 200) {
  const [quizEntry] = (await ask<{ id: string }[]>('GET /api/quizzes')).body
  const { rest } = openTable('us-east-1', table)
  const log = logRepository(rest)
  const stored = {
    events: eventRepository(rest),
    codes: codeRepository(rest),
    seen: seenRepository(rest),
    quizzes: quizRepository<Quiz>(rest),
    log,
  }
  const events = createEvents(stored, { maxPlayers: 5, retentionDays: 1 }, 'task', createLog('error'), {
    secondErasure: second,
  })
  const event = await events.start(createToken(), quizEntry?.id ?? '', v.parse(settingsSchema, {}))
  assert.ok(event)
  return { event, stored, events, erase: () => events.erase(event.id) }
}

/** A task's hub over what is stored. */
function hubOf({ stored, events }: Awaited<ReturnType<typeof erasable>>, now: () => number, clock = systemClock) {
  const log = createLog('error', () => {})
  const openLogs = createOpenLogs({ task: 'one', repository: stored.log, clock, log })
  const { live } = events
  return createHub({ ...stored, task: 'one', release: 'r', openLogs, logs: stored.log, live, log, now })
}

test('what is live is read once a second at most, however many ask, and again after a failure', async () => {
  let time = 0
  let reads = 0
  const listLive = async () => {
    reads += 1
    if (reads === 1) throw new Error('out')
    return [{ players: reads }]
  }
  const stored = { events: { listLive } } as unknown as Parameters<typeof createEvents>[0]
  const limits = { maxPlayers: 5, retentionDays: 1 }
  const { live } = createEvents(stored, limits, 'task', createLog('error'), { now: () => time })
  await assert.rejects(live())
  assert.deepEqual(await Promise.all([live(), live()]), [
    { quizzes: 1, players: 2 },
    { quizzes: 1, players: 2 },
  ])
  time = 999
  assert.equal((await live()).players, 2)
  time = 1_000
  assert.equal((await live()).players, 3)
})

test('what a task still wrote while its event was erased is erased, too', async (t) => {
  const all = await withQuiz(t)
  const { event, stored, erase } = await erasable(all, 2_000)
  const { log } = stored
  const { partition } = all
  assert.equal(await erase(), true)
  const late = { number: 2, format: 1, by: 'other', nonce: 'n', at: 0, records: [] }
  assert.deepEqual(await log.append(event.id, late, event.expiresAt), { outcome: 'written' })
  assert.equal((await partition(`LOG#${event.id}`)).length, 1)
  await eventually(
    () => partition(`LOG#${event.id}`),
    (items) => items.length === 0,
  )
})

test('a task that stops does not leave the second erasure undone', async (t) => {
  const all = await withQuiz(t)
  const { event, stored, events, erase } = await erasable(all, 60_000)
  await erase()
  const late = { number: 2, format: 1, by: 'other', nonce: 'n', at: 0, records: [] }
  await stored.log.append(event.id, late, event.expiresAt)
  await events.finishErasures(5_000)
  assert.deepEqual(await all.partition(`LOG#${event.id}`), [])
})

test('an event that is played in its last hours stays, with its code and all of its log', async (t) => {
  const all = await withQuiz(t)
  const lasting = await erasable(all)
  const { event, stored } = lasting
  const now = () => Date.now() + 13 * 3_600_000
  const hub = hubOf(lasting, now, { ...systemClock, now })
  t.after(() => hub.close(1_000))
  const room = await hub.openRoom(event.id)
  assert.ok(typeof room === 'object')
  await room.writer.submit({ kind: 'join', name: 'Ada', tokenHash: 'hash of Ada' })
  const peer: Peer = { isOpen: true, caller: 'v', send() {}, sendTexts() {}, close() {} }
  room.enter({ peer, role: 'screen', tokenHash: hashOf(event.screenToken) })
  const expiries = async () => [
    ...(await all.partition(`CODE#${event.code}`)),
    ...(await all.partition(`LOG#${event.id}`)),
    await stored.events.get(event.id),
  ]
  await eventually(expiries, (items) => items.every((item) => Number(item?.['expiresAt']) >= event.expiresAt + 46_800))
  assert.equal((await expiries()).length, 4)
})

test('a task that learns that its event was erased writes nothing more of it', async (t) => {
  const all = await withQuiz(t)
  const erased = await erasable(all)
  const { event, erase } = erased
  let ahead = 0
  const hub = hubOf(erased, () => Date.now() + ahead)
  t.after(() => hub.close(1_000))
  const room = await hub.openRoom(event.id)
  assert.ok(typeof room === 'object')
  const closed = new Promise<number>((close) => {
    const peer: Peer = { isOpen: true, caller: 'v', send() {}, sendTexts() {}, close }
    room.enter({ peer, role: 'screen', tokenHash: hashOf(event.screenToken) })
  })
  await erase()
  ahead = 10_000
  assert.equal(await closed, 4404)
  const bob = { kind: 'join', name: 'Bob', tokenHash: 'hash of Bob' } as const
  await assert.rejects(room.writer.submit(bob), { name: 'LogGone' })
  assert.equal(await hub.openRoom(event.id), 'no such event')
  assert.deepEqual(await all.partition(`LOG#${event.id}`), [])
})
