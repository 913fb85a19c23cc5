import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { endText, startText, notifications } from '../../../lib/ledger/slack.mts'
import { Failure } from '../../../lib/script/failure.mts'
import type { ReleaseRecord } from '../../../lib/ledger/record.mts'
import { environmentNames } from '../../../lib/environment/environments.mts'

const scope = { environment: 'local', names: environmentNames('local') } as const
const secret = '/services/T0/B0/secret'

describe('Slack', () => {
  const open: { close(): void; closeAllConnections(): void }[] = []
  let output = ''
  const write = process.stderr.write.bind(process.stderr)
  beforeEach(() => {
    output = ''
    process.stderr.write = (chunk) => Boolean((output += String(chunk)))
  })
  afterEach(() => {
    process.stderr.write = write
    delete process.env['SLACK_WEBHOOK_URL']
    for (const server of open.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  async function slack(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(server)
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${secret}`
  }

  async function notified(url: string): Promise<number> {
    process.env['SLACK_WEBHOOK_URL'] = url
    const started = Date.now()
    await notifications(scope)('*staging: deployed*')
    return Date.now() - started
  }

  it('gets the text as JSON', async () => {
    let got = ''
    const received = async (request: IncomingMessage, response: ServerResponse) => {
      got = `${request.method} ${request.url} ${await text(request)}`
      response.end('ok')
    }
    const url = await slack((request, response) => void received(request, response))
    await notified(url)
    assert.equal(got, `POST ${secret} {"text":"*staging: deployed*"}`)
    assert.equal(output, '')
  })

  it('that answers 500 is a warning', async () => {
    await notified(await slack((_, response) => response.writeHead(500).end('no_service')))
    assert.equal(output, 'warning: could not notify Slack: it answered 500\n')
  })

  it('that hangs is given up after three seconds', async () => {
    const took = await notified(await slack(() => {}))
    assert.equal(output, 'warning: could not notify Slack: no answer within 3 s\n')
    assert.ok(took >= 2900 && took < 10_000, `${took} ms`)
  })

  it('that hangs in the middle of its answer does not hold up a deployment', async () => {
    await notified(await slack((_, response) => response.writeHead(200).write('o')))
    // one that waited for the rest would have given up, with a warning
    assert.equal(output, '')
  })

  it('without an answer is a warning', async () => {
    await notified('http://127.0.0.1:1/services/T0/B0/secret')
    assert.match(output, /^warning: could not notify Slack: .+\n$/)
  })

  it('that redirects is not followed: the text is for Slack only', async () => {
    await notified(await slack((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()))
    assert.match(output, /^warning: could not notify Slack/)
  })

  for (const url of ['not a url', 'http://example.com/services/T0/B0/secret', `https://[${secret}`]) {
    it(`is not asked, nor its secret shown, at ${url}`, async () => {
      await notified(url)
      assert.match(output, /^warning: could not notify Slack/)
      assert.doesNotMatch(output, /secret/)
    })
  }

  it('has no secret in any warning', async () => {
    for (const url of [
      await slack((_, response) => response.writeHead(500).end()),
      `https://[${secret}`,
      `x${secret}`,
    ]) {
      await notified(url)
    }
    assert.doesNotMatch(output, /secret/)
  })

  it('gets no message when there is no webhook', async () => {
    await notifications(scope)('*staging: deployed*')
    assert.equal(output, '')
  })
})

describe('the message', () => {
  const record: ReleaseRecord = {
    id: 'r2',
    environment: 'production',
    command: 'make deploy-prod',
    sha: 'a',
    dirty: false,
    by: 'ana',
    identity: 'arn',
    host: 'laptop',
    startedAt: '2026-11-23T10:15:00.000Z',
    verdict: 'under way',
    note: 'faster <timers> & more',
    components: {},
  }

  it('of the start says who, what and why', () => {
    assert.equal(
      startText(record),
      '*production: started* r2 by ana on laptop: make deploy-prod\n> faster &lt;timers&gt; &amp; more',
    )
  })

  it('of the end says what each component is', () => {
    const components = {
      infrastructure: { status: 'unchanged', seconds: 1 },
      backend: { status: 'deployed', seconds: 1, taskDefinition: 'arn:aws:ecs:r:1:task-definition/websocket-task:12' },
    } as const
    const ended = { ...record, verdict: 'deployed', endedAt: '2026-11-23T10:19:05.000Z', components } as const
    assert.match(
      endText(ended, undefined),
      /^\*production: deployed\* r2 .*, after 4 min 5 s\ninfrastructure unchanged, backend deployed \(websocket-task:12\)\n> /,
    )
  })

  it('of a rollback says what it rolls back', () => {
    assert.match(startText({ ...record, rollbackOf: 'r1' }), /r2, which rolls back r1 by ana/)
  })

  it('of a failure has the failure in a block', () => {
    const failure = new Failure('rolled back: task:12: 3 × exit code <1>', 'aws logs tail /ecs/x', 3)
    assert.match(
      endText({ ...record, verdict: 'rolled back' }, failure),
      /```error: rolled back: task:12: 3 × exit code &lt;1&gt;\nremedy: aws logs tail \/ecs\/x```$/,
    )
  })

  it('of a run that was not seen to its end calls that no error', () => {
    const failure = new Failure('still running: task:12', 'make watch', 5)
    assert.match(endText({ ...record, verdict: 'still running' }, failure), /```warning: still running: /)
  })

  it('of a failure has its details', () => {
    const failure = new Failure('failed: task:12', 'aws logs tail', 1, ['tasks stopped', '  exit code 1'])
    assert.match(endText(record, failure), /```error: .*\nremedy: .*\ntasks stopped\n {2}exit code 1```$/)
  })

  it('of a failure is never longer than Slack shows', () => {
    assert.ok(endText(record, new Failure('x'.repeat(10_000), '')).length < 4000)
  })
})
