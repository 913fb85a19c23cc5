import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPresence } from '../src/services/presence.ts'
import { dynamoDb } from './backend.ts'

test('a missing row is written again', async (t) => {
  const { connections } = await dynamoDb(t)
  const presence = createPresence(connections, 25)
  await presence.join('a')
  const before = await connections.get('a')
  await connections.remove('a')
  assert.equal(await presence.connectedSince('a'), before?.connectedAt)
})

test('a page that leaves while its row is being written leaves no row', async (t) => {
  const { connections } = await dynamoDb(t)
  const presence = createPresence(connections, 25)
  await Promise.all([presence.join('a'), presence.leave('a')])
  assert.equal(await connections.get('a'), undefined)
})

test('concurrent counts share two queries and include every row', async (t) => {
  const { connections } = await dynamoDb(t)
  let queries = 0
  const presence = createPresence(
    {
      ...connections,
      count: () => {
        queries += 1
        return connections.count()
      },
    },
    25,
  )
  const early = presence.players()
  await Promise.all(['a', 'b', 'c'].map((id) => connections.put({ id, connectedAt: '' }, 60)))
  const late = await Promise.all(Array.from({ length: 50 }, () => presence.players()))
  await early
  assert.deepEqual(new Set(late), new Set([3]))
  assert.ok(queries <= 3, `${queries} queries`)
})

test('a failed count does not fail the next one', async (t) => {
  const { connections } = await dynamoDb(t)
  let failures = 1
  const presence = createPresence(
    { ...connections, count: () => (failures-- > 0 ? Promise.reject(new Error('throttled')) : connections.count()) },
    25,
  )
  const [first, second] = await Promise.allSettled([presence.players(), presence.players()])
  assert.deepEqual([first.status, second], ['rejected', { status: 'fulfilled', value: 0 }])
})
