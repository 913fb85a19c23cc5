import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { measureHealth } from '../../../lib/check/health.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'

describe('a connection that ends in the middle of each answer', () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 20 })
    response.write('{"status": ', () => response.destroy())
  })
  before(async () => once(server.listen(0, '127.0.0.1'), 'listening'))
  after(() => server.close())

  it('is a row that says so, and no crash', async () => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const rows = await measureHealth({ DistributionDomainName: host, LoadBalancerDnsName: host } as StackOutputs)
    const asked = rows.filter(({ url }) => url.startsWith('http:'))
    assert.deepEqual(
      asked.map(({ name, ok }) => [name, ok]),
      ['backend', 'backend through CDN', 'data', 'frontend'].map((name) => [name, false]),
    )
    for (const { detail } of asked) assert.match(detail, /^does not answer: /)
  })
})
