import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { isOutage, openTable, type Table } from '../src/db/client.ts'
import { codeRepository } from '../src/db/repositories/codes.ts'
import { logRepository } from '../src/db/repositories/log.ts'
import { quizRepository } from '../src/db/repositories/quizzes.ts'
import { startFaultProxy } from '../local/fault-proxy.ts'
import { dynamoDb, env, table } from './backend.ts'

const inAnHour = Math.ceil(Date.now() / 1_000) + 3_600

/** Answers each call after the time that `delay` says; reports how many calls came. */
async function slowDatabase(t: TestContext, delay: (key: string) => Promise<unknown>) {
  const server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      await delay(body)
      response.end('{}')
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  Object.assign(process.env, env)
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function get({ client, name }: Table, key: string): Promise<unknown> {
  return client.send(new GetCommand({ TableName: name, Key: { pk: key, sk: key } }))
}

/** The table through a proxy that can break calls. */
async function breakable(t: TestContext) {
  const database = await dynamoDb(t)
  const proxy = await startFaultProxy(database.endpoint)
  t.after(() => proxy.close())
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = proxy.endpoint
  return { proxy, ...openTable('us-east-1', table) }
}

/** Breaks the first of the writes that follow. */
function firstPut(fault: 'lost' | 'throttled' | 'failed' | 'unsent') {
  let broken = false
  return ({ operation }: { operation: string }) => {
    if (broken || operation !== 'PutItem') return 'none'
    broken = true
    return fault
  }
}

test('calls that have to wait for their turn do not time out', async (t) => {
  // 250 calls, 50 at once, 300 ms each: the last ones wait longer than any time-out of theirs
  await slowDatabase(t, () => new Promise((resolve) => setTimeout(resolve, 300)))
  const { rest } = openTable('us-east-1', table)
  await get(rest, 'first, which loads the SDK')
  const calls = Array.from({ length: 250 }, (_, id) => get(rest, String(id)))
  const failed = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')
  assert.deepEqual(failed, [])
})

test('what a running event waits for never waits behind the rest', async (t) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await slowDatabase(t, (body) => (body.includes('csv') ? held : Promise.resolve()))
  const { live, rest } = openTable('us-east-1', table)
  for (const lane of [live, rest]) await get(lane, 'first, which loads the SDK')
  const csv = Array.from({ length: 250 }, () => get(rest, 'csv'))
  await get(live, 'log')
  release()
  await Promise.all(csv)
})

test('a conditional write whose first answer was lost is not taken for someone else’s', async (t) => {
  const { proxy, rest } = await breakable(t)
  const quizzes = quizRepository(rest)
  for (const [version, fault] of (['lost', 'throttled', 'failed', 'unsent'] as const).entries()) {
    proxy.control.fault = firstPut(fault)
    const entry = await quizzes.put('quiz', { title: fault, questions: [] }, version)
    assert.equal(entry?.version, version + 1, fault)
  }
  assert.deepEqual(
    { lost: proxy.answered.lost, throttled: proxy.answered.throttled, failed: proxy.answered.failed },
    { lost: 1, throttled: 1, failed: 1 },
  )
})

test('a code that is taken while answers are lost is refused to the other', async (t) => {
  const { proxy, rest } = await breakable(t)
  const codes = codeRepository(rest)
  proxy.control.fault = firstPut('lost')
  assert.deepEqual(
    await Promise.all([codes.take('123456', 'one', inAnHour), codes.take('123456', 'other', inAnHour)]),
    [(await codes.find('123456')) === 'one', (await codes.find('123456')) === 'other'],
  )
})

test('an append that was done and not answered is taken or unknown, never refused', async (t) => {
  const { proxy, live } = await breakable(t)
  const log = logRepository(live)
  const item = { number: 1, format: 1, by: 'task', nonce: 'mine', at: 0, records: [] }
  proxy.control.fault = firstPut('lost')
  assert.deepEqual(await log.append('event', item, inAnHour), { outcome: 'taken' })
  assert.equal((await log.read('event', 0))[0]?.nonce, 'mine')

  proxy.control.fault = ({ operation }) => (operation === 'PutItem' ? 'lost' : 'none')
  const second = await log.append('event', { ...item, number: 2 }, inAnHour)
  assert.equal(second.outcome, 'unknown', 'each attempt was cut off')
  assert.equal((await log.read('event', 1))[0]?.nonce, 'mine')
})

test('an append that DynamoDB does not answer is unknown, with the reason', async (t) => {
  const { proxy, live } = await breakable(t)
  for (const fault of ['throttled', 'failed', 'unsent'] as const) {
    proxy.control.fault = () => fault
    const item = { number: 1, format: 1, by: 'task', nonce: fault, at: 0, records: [] }
    const appended = await logRepository(live).append('event', item, inAnHour)
    assert.equal(appended.outcome, 'unknown', fault)
    assert.ok(appended.error instanceof Error)
  }
})

test('an outage is no answer or a passing refusal, and not one for good', async (t) => {
  const { proxy, rest } = await breakable(t)
  for (const fault of ['throttled', 'failed', 'unsent', 'lost'] as const) {
    proxy.control.fault = () => fault
    await assert.rejects(get(rest, 'a'), isOutage, fault)
  }
  proxy.control.fault = () => 'none'
  await assert.rejects(get({ ...rest, name: 'not-there' }, 'a'), (error) => !isOutage(error))
  await assert.rejects(get(rest, ''), (error) => !isOutage(error))
  assert.equal(isOutage(new RangeError('a defect')), false)
})

test('each attempt that DynamoDB throttles is counted', async (t) => {
  const { proxy, live, rest, throttles } = await breakable(t)
  await get(live, 'a')
  assert.equal(throttles(), 0)
  proxy.control.fault = () => 'throttled'
  await assert.rejects(get(live, 'a'), { name: 'ThrottlingException' })
  await assert.rejects(get(rest, 'a'), { name: 'ThrottlingException' })
  assert.equal(throttles(), 4)
})
