import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Failure, Unanswered } from '../../../lib/script/failure.mts'
import { requireWebSocket } from '../../../lib/site/verification.mts'

describe('a WebSocket of the site', () => {
  let answer = ''
  const server = createServer().on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${answer}\r\n\r\n`))
  const url = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`
  before(() => once(server.listen(0, '127.0.0.1'), 'listening'))
  after(() => server.close())

  for (const [what, line, kind] of [
    ['without a backend is unanswered', '503 Service Unavailable', Unanswered],
    ['that a firewall refuses is unanswered', '403 Forbidden\r\nserver: CloudFront', Unanswered],
    ['that the backend refuses is wrong', '403 Forbidden', Failure],
    ['that leads nowhere is wrong', '404 Not Found', Failure],
  ] as const) {
    it(what, async () => {
      answer = line
      const error = await requireWebSocket(url()).catch((reason: unknown) => reason)
      assert.equal((error as object).constructor, kind)
      assert.match((error as Failure).message, new RegExp(`/ws does not open: it answers ${line.slice(0, 3)}$`))
    })
  }
})
