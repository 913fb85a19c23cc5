import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminSecret, client, dynamoDb, eventually, page, refusal, task } from './backend.ts'
import { host, player } from './event.ts'
import { quiz } from './quiz-fixtures.ts'

test('no line of a task that logs everything has a name, token, code, secret or address', async (t) => {
  const database = await dynamoDb(t)
  const { http, ws, lines } = await task(t, { allowedOrigins: ['https://quiz.example'] })
  const forwarded = { 'x-forwarded-for': '198.51.100.77, 2001:db8:7:7::7', 'user-agent': 'agent-of-ann' }
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
  await page(t, `${ws}/ws?token=${hostToken}`).next()
  const { token, no } = await player(t, `${ws}?code=${code}`, code, 'Zebediah')
  const hosting = await host(t, ws, { id, code, hostToken, screenToken })
  await hosting.run('remove', { player: no, ban: true })
  for (const text of [
    '{"Zebediah',
    JSON.stringify({ type: token }),
    JSON.stringify({ type: 'ping', id: [hostToken] }),
  ]) {
    const confused = page(t, ws)
    await confused.next()
    confused.send(text)
    assert.equal((await confused.next())['code'], 'bad_message')
  }
  await refusal(`${ws}/${screenToken}?code=${code}`)
  await refusal(ws, { origin: `https://evil.example` })
  await database.close()
  for (const request of requests) await request()

  const logged = await eventually(
    async () => lines.filter((line) => line.includes('"request"')),
    (found) => found.length >= 2 + 2 * requests.length,
  )
  assert.ok(logged.length > 0 && lines.some((line) => line.includes('"error"')))
  const secrets = [
    code,
    hostToken,
    screenToken,
    token,
    adminSecret,
    'wrong-secret',
    'Zebediah',
    'agent-of-ann',
    'Lagos',
  ]
  const addresses = ['198.51.100.77', '2001:db8:7']
  for (const secret of [...secrets, ...addresses]) {
    assert.deepEqual(
      lines.filter((line) => line.includes(secret)),
      [],
      secret,
    )
  }
})
