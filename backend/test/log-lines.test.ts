import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playEvent } from '../local/demo/play.ts'
import { quizClient } from '../local/quiz-client.ts'
import { sampleQuiz } from '../local/sample-quiz.ts'
import { openTable } from '../src/db/client.ts'
import { logRepository } from '../src/db/repositories/log.ts'
import { hashOf } from '../src/services/tokens.ts'
import type { LogRecord } from '../src/types/records.ts'
import { adminSecret, client, dynamoDb, eventually, page, refusal, table, task } from './backend.ts'
import { quiz } from './quiz-fixtures.ts'

test('no line of a task that logs everything has a name, token, code, secret or address', async (t) => {
  const database = await dynamoDb(t)
  const { http, ws, lines } = await task(t, { allowedOrigins: ['https://quiz.example'] })
  const forwarded = {
    'x-forwarded-for': '198.51.100.77, 2001:db8:7:7::7',
    'cloudfront-viewer-address': '198.51.100.77:4711',
    'x-amz-cf-id': '198.51.100.77',
    'user-agent': 'agent-of-ann',
  }
  const as = (secret?: string) => {
    const ask = client(http, secret)
    return <Body = unknown>(request: string, body?: unknown) => ask<Body>(request, body, forwarded)
  }

  const quizId = (await as(adminSecret)<{ id: string }>('POST /api/quizzes', quiz())).body.id
  const event = (
    await as(adminSecret)<Record<'id' | 'code' | 'hostToken' | 'screenToken', string>>('POST /api/events', {
      quiz: quizId,
    })
  ).body
  const { id, code, hostToken, screenToken } = event
  const requests = [
    () => as()(`GET /api/join/${code}?name=Zebediah`),
    () => as()(`GET /api/join/${code}0`),
    () => as()(`GET /api/${screenToken}/${code}`),
    () => as()(`GET /%zz${screenToken}`),
    () => as(hostToken)(`GET /api/events/${id}?search=Zebediah`),
    () => as(screenToken)(`GET /api/events/${id}?token=${hostToken}`),
    () => as(hostToken)(`GET /api/events/${hostToken}`),
    () => as('wrong-secret')('GET /api/quizzes'),
    () => as(adminSecret)('POST /api/quizzes', { ...quiz(), Zebediah: hostToken }),
    () => as(adminSecret)('POST /api/quizzes', Buffer.from(`{"${hostToken}`)),
    () => as(adminSecret)(`POST /api/media`, Buffer.from('Zebediah')),
  ]
  for (const request of requests) await request()
  await page(t, `${ws}?token=${hostToken}`).next()
  await refusal(new URL(`/${screenToken}?code=${code}`, ws).href)
  await refusal(ws, { origin: `https://evil.example` })
  await database.close()
  for (const request of requests) await request()

  const logged = await eventually(
    async () => lines.filter((line) => line.includes('"request"')),
    (found) => found.length >= 2 + 2 * requests.length,
  )
  assert.ok(logged.length > 0 && lines.some((line) => line.includes('"error"')))
  const secrets = [code, hostToken, screenToken, adminSecret, 'wrong-secret', 'Zebediah', 'agent-of-ann', 'Lagos']
  const addresses = ['198.51.100.77', '2001:db8:7']
  for (const secret of [...secrets, ...addresses]) {
    assert.deepEqual(
      lines.filter((line) => line.includes(secret)),
      [],
      secret,
    )
  }
})

test('no line of a whole event has a name, token, code or address', async (t) => {
  await dynamoDb(t)
  const { http, ws, lines } = await task(t)
  const event = await quizClient(http, adminSecret).startEvent(
    { ...sampleQuiz, questions: sampleQuiz.questions.slice(1, 2) },
    { getReadySeconds: 1 },
  )
  const way = { url: ws, headers: { 'x-forwarded-for': '198.51.100.77, 203.0.113.77' } }
  const pace = { reading: 50, slowestTap: 200 }
  await playEvent(way, event, 3, () => {}, new AbortController().signal, pace)

  const items = await logRepository(openTable('us-east-1', table).rest).read(event.id, 0)
  const records = items.flatMap((item) => item.records as LogRecord[])
  const joined = records.flatMap((record) => (record.kind === 'joined' ? record.players : []))
  const hashes = new Set([...joined.map(([, , hash]) => hash), hashOf(event.hostToken), hashOf(event.screenToken)])
  assert.equal(hashes.size, 5)
  const written = lines.join('')
  assert.match(written, /"disconnected"/)
  assert.deepEqual(
    [...written.matchAll(/[\w-]{22,}/g)].filter(([word]) => hashes.has(hashOf(word)) || hashes.has(word)),
    [],
  )
  for (const secret of [event.code, '198.51.100.77', '203.0.113.77', ...joined.map(([, name]) => name)]) {
    assert.ok(!written.includes(secret), secret)
  }
})
