import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { findTableFault } from '../../../lib/recovery/verification.mts'
import { Unanswered } from '../../../lib/script/failure.mts'

type Answer = [status: number, body: string]
const counts: Answer = [200, '{"quizzes":0,"players":0}']
const ofTask: Answer[] = [
  [500, '{"error":{"code":"internal","message":"the server failed; its log says why"}}'],
  [503, '{"error":{"code":"unavailable","message":"the database does not answer"}}'],
]
/** Of a CDN, a load balancer, a web ACL. */
const ofOthers: Answer[] = [403, 429, 502, 503].map((status) => [status, '<html>'])

describe('whether the tasks read their table', () => {
  let server: Server
  /** The next answers; the last one stays. */
  let answers: Answer[]

  before(async () => {
    server = createServer((_, response) => {
      const [[status, body]] = answers as [Answer]
      if (answers.length > 1) answers.shift()
      response.writeHead(status).end(body)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  /** With little time where the answers end with a bad one: all of it is spent. With much, a slow machine changes nothing. */
  const find = async (...given: Answer[]) => {
    answers = given
    const { port } = server.address() as AddressInfo
    const [within, lasting] = given.at(-1) === counts ? [20_000, 10_000] : [500, 400]
    return await findTableFault(`http://127.0.0.1:${port}/api/live`, { within, every: 10 }, lasting)
  }

  it('is seen where they answer', async () => assert.equal(await find(counts), undefined))

  for (const answer of [...ofTask, ...ofOthers])
    it(`is looked at again after one ${answer.join(' ')}`, async () =>
      assert.equal(await find(answer, counts), undefined))

  for (const answer of ofTask)
    it(`is wrong where they keep saying ${answer.join(' ')}`, async () => {
      const fault = await find(answer)
      assert.ok(fault?.message.endsWith(`/api/live answers ${answer.join(': ')}`), fault?.message)
    })

  for (const answer of ofOthers)
    it(`is not known where only ${answer.join(' ')} comes`, async () => {
      await assert.rejects(
        find(answer),
        (error) => error instanceof Unanswered && error.message.includes(answer.join(': ')),
      )
    })
})
