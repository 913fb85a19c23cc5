import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createClient } from '../src/db/client.ts'
import { createConnections } from '../src/db/repositories/connections.ts'
import { env, table } from './backend.ts'

test('calls that have to wait for their turn do not time out', async (t) => {
  // 250 calls, 50 at once, 300 ms each: the last ones wait longer than any time-out of theirs
  const slow = createServer((_request, response) => setTimeout(() => response.end('{}'), 300)).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  t.after(() => {
    slow.closeAllConnections()
    slow.close()
  })
  Object.assign(process.env, env)
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`
  const connections = createConnections(createClient('us-east-1'), table)
  const calls = Array.from({ length: 250 }, (_, id) => connections.put({ id: String(id), connectedAt: '' }, 60))
  const failed = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')
  assert.deepEqual(failed, [])
})
