import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { findTableFault } from '../../../lib/recovery/verification.mts'
import { Unanswered } from '../../../lib/script/failure.mts'

describe('whether the tasks read their table', () => {
  let server: Server
  /** The next answers; the last one stays. */
  let statuses: number[]

  before(async () => {
    server = createServer((_, response) => {
      const [status = 200] = statuses
      if (statuses.length > 1) statuses.shift()
      response.writeHead(status).end('{"error":"no table"}')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  const find = async (...answers: number[]) => {
    statuses = answers
    const { port } = server.address() as AddressInfo
    return await findTableFault(`http://127.0.0.1:${port}/api/live`, { within: 500, every: 10 }, 400)
  }

  it('is seen where they answer', async () => assert.equal(await find(200), undefined))

  for (const status of [500, 502, 503])
    it(`is looked at again after one ${status}`, async () => assert.equal(await find(status, 200), undefined))

  it('is wrong where they keep saying that they cannot', async () => {
    const fault = await find(500)
    assert.match(fault?.message ?? '', /\/api\/live answers 500: \{"error":"no table"\}/)
  })

  for (const status of [403, 429, 502])
    it(`is not known where only a ${status} comes`, async () => {
      await assert.rejects(find(status), (error) => error instanceof Unanswered && error.message.includes(`${status}`))
    })
})
