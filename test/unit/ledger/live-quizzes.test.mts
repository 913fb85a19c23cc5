import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Failure } from '../../../lib/script/failure.mts'
import { requireNoLiveQuiz, type OnLiveQuiz } from '../../../lib/ledger/guards.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'

describe('before the backend is touched', () => {
  /** What /api/live answers, one after the other; the last one for ever. */
  let answers: [status: number, body: string, server?: string][] = []
  let asked = 0
  const server = createServer((request, response) => {
    assert.equal(request.url, '/api/live')
    const [status, body, from = 'ours'] = answers[Math.min(asked++, answers.length - 1)]!
    response.writeHead(status, { server: from }).end(body)
  })
  let outputs: StackOutputs
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    outputs = { LoadBalancerDnsName: host, DistributionDomainName: host } as StackOutputs
  })
  after(() => server.close())

  const counts = (quizzes: number, players: number): [number, string] => [200, JSON.stringify({ quizzes, players })]
  const ask = async (given: typeof answers, onLiveQuiz: Partial<OnLiveQuiz> = {}, within = 10_000) => {
    answers = given
    asked = 0
    const options = { force: false, waitIdle: false, ...onLiveQuiz }
    await requireNoLiveQuiz({ environment: 'production' }, outputs, options, { within, every: 5 })
  }

  it('continues when no quiz is live', async () => {
    await ask([counts(0, 0)])
    assert.equal(asked, 1)
  })

  it('continues when pages are merely open', async () => {
    await ask([counts(0, 12)])
  })

  it('stops when a quiz is live, naming how many play and both ways on', async () => {
    await assert.rejects(ask([counts(1, 30)]), (error) => {
      assert.ok(error instanceof Failure)
      assert.match(error.message, /1 quiz is live, 30 players are connected on production/)
      assert.match(error.remedy, /--wait-idle.*--force/)
      return true
    })
  })

  it('names no flag that the script does not have', async () => {
    await assert.rejects(ask([counts(1, 30)], { waitIdle: undefined }), (error) => {
      assert.ok(error instanceof Failure)
      assert.equal(error.remedy, 'wait until the quiz is over, or continue: the same line with --force')
      return true
    })
  })

  it('continues with --force', async () => {
    await ask([counts(2, 30)], { force: true })
  })

  it('waits with --wait-idle until the last quiz is over', async () => {
    await ask([counts(2, 30), counts(1, 9), counts(0, 3)], { waitIdle: true })
    assert.equal(asked, 3)
  })

  it('waits on where a question in between is not answered', async () => {
    await ask([counts(1, 30), [503, 'Service Unavailable'], [502, ''], counts(0, 0)], { waitIdle: true })
    assert.equal(asked, 4)
  })

  it('asks again before it takes a backend for one that does not answer', async () => {
    await assert.rejects(ask([[503, ''], counts(1, 30)]), /1 quiz is live/)
  })

  for (const status of [403, 429]) {
    it(`stops where only ${status} comes, as of a web ACL, with --wait-idle too and without that flag, but for --force`, async () => {
      for (const waitIdle of [false, true, undefined]) {
        await assert.rejects(ask([[status, '', 'CloudFront']], { waitIdle }), (error) => {
          assert.ok(error instanceof Failure)
          assert.match(error.message, new RegExp(`/api/live answers ${status}: whether a quiz is live was not said`))
          assert.match(error.remedy, /--force$/)
          return true
        })
      }
      await ask([[status, '', 'CloudFront'], counts(0, 0)])
      await ask([[status, '', 'CloudFront']], { force: true })
    })
  }

  it('does not wait for ever', async () => {
    await assert.rejects(ask([counts(1, 30)], { waitIdle: true }, 1_000), /1 quiz is live.* after waiting 1 s/)
    assert.ok(asked > 1)
  })

  for (const [what, answer] of [
    ['does not know the path', [404, '{"error":{"code":"not_found"}}']],
    ['refuses the question itself', [403, '']],
    ['is down', [503, 'Service Unavailable']],
    ['answers no counts', [200, '<html>']],
  ] as [string, [number, string]][]) {
    it(`continues when the backend ${what}: deploying may fix it`, async () => {
      await ask([answer])
      assert.equal(asked, 3)
    })
  }

  it('sends no request in development and local', async () => {
    answers = [counts(1, 30)]
    asked = 0
    for (const environment of ['development', 'local'] as const) {
      await requireNoLiveQuiz({ environment }, outputs, { force: false, waitIdle: false })
    }
    assert.equal(asked, 0)
  })
})
