import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { WebSocketServer } from 'ws'
import type { Target } from '../../../lib/environment/target.mts'
import { Unanswered } from '../../../lib/script/failure.mts'
import { findFault, runningDigests } from '../../../lib/service/tasks.mts'
import type { StackOutputs } from '../../../lib/stack/stack.mts'

const names = { cluster: 'c', service: 's', container: 'websocket-server' }
const target = { environment: 'staging', names, local: true } as Target
const expected = { revision: 'arn:task:12', digest: 'sha256:new', release: 'r12' }
const throttled = 'An error occurred (Throttling) when calling the operation: Rate exceeded'

const ofRevision = (revision: number, imageDigest: string) => ({
  taskDefinitionArn: `arn:task:${revision}`,
  containers: [{ name: 'websocket-server', imageDigest }],
})
/** Tasks of the release, beside one of the release before it. */
const running = (...digests: string[]) =>
  JSON.stringify({ tasks: [ofRevision(11, 'sha256:old'), ...digests.map((digest) => ofRevision(12, digest))] })

/** What the stand-in for aws says; a text that is not JSON is its error. */
const good = {
  'describe-target-health':
    '{"TargetHealthDescriptions": [{"Target": {"Id": "1"}, "TargetHealth": {"State": "healthy"}}]}',
  'list-tasks': '{"taskArns": ["task/a"]}',
  'describe-tasks': running('sha256:new'),
}

describe('verifying a backend', () => {
  const bin = mkdtempSync(join(tmpdir(), 'aws-'))
  const path = process.env['PATH']
  let server: Server
  let health: { status: number; body: string }
  let opens: boolean
  let answers: Record<string, string>

  before(async () => {
    const answer = [
      '#!/bin/sh',
      `answer="${bin}/$2"`,
      '[ ! -f "$answer-once" ] || { mv "$answer-once" "$answer-said" && answer="$answer-said"; }',
      'case $(cat "$answer") in {*) exec cat "$answer" ;; *) cat "$answer" >&2; exit 254 ;; esac',
    ]
    writeFileSync(join(bin, 'aws'), answer.join('\n'))
    chmodSync(join(bin, 'aws'), 0o755)
    process.env['PATH'] = `${bin}:${path}`
    server = createServer((_, response) => response.writeHead(health.status).end(health.body))
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      if (opens) sockets.handleUpgrade(request, socket, head, () => {})
      else socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  after(() => {
    process.env['PATH'] = path
    server.closeAllConnections()
    server.close()
    rmSync(bin, { recursive: true })
  })
  beforeEach(() => {
    health = { status: 200, body: '{"status":"ok","release":"r12"}' }
    opens = true
    answers = { ...good }
  })

  const here = () => `127.0.0.1:${(server.address() as AddressInfo).port}`
  const verify = async (address = here(), within = 300) => {
    for (const [action, answer] of Object.entries(answers)) writeFileSync(join(bin, action), answer)
    const outputs = {
      LoadBalancerDnsName: address,
      DistributionDomainName: address,
      TargetGroupArn: 'tg',
    } as StackOutputs
    return await findFault(target, outputs, expected, { within, every: 20 })
  }

  it('finds nothing wrong when all is well', async () => assert.equal(await verify(), undefined))

  it('asks again where one question was not answered', async () => {
    answers['describe-target-health-once'] = throttled
    answers['list-tasks-once'] = 'Connection was closed before we received a valid response'
    assert.equal(await verify(here(), 10_000), undefined)
  })

  for (const question of ['describe-target-health', 'list-tasks', 'describe-tasks']) {
    it(`sees nothing wrong where ${question} is never answered: it fails`, async () => {
      answers[question] = throttled
      await assert.rejects(verify(), (error) => error instanceof Unanswered && error.isTransient)
    })
  }

  it('waits for the tasks where ECS does not know them yet', async () => {
    answers['list-tasks-once'] = '{"taskArns": []}'
    assert.equal(await verify(here(), 10_000), undefined)
  })

  it('ends at once when the credentials have expired', async () => {
    answers['list-tasks'] =
      'An error occurred (ExpiredTokenException): The security token included in the request is expired'
    await assert.rejects(verify(), (error) => error instanceof Unanswered && !error.isTransient)
  })

  it('fails where a question is refused', async () => {
    answers['describe-target-health'] = 'An error occurred (AccessDenied): no'
    await assert.rejects(verify(), /AccessDenied/)
  })

  it('fails where the load balancer cannot be reached from here', async () => {
    await assert.rejects(verify('127.0.0.1:1'), /does not answer/)
  })

  const wrong: [string, RegExp, () => void][] = [
    [
      'an unhealthy target',
      /target 1 is unhealthy/,
      () => (answers['describe-target-health'] = good['describe-target-health'].replace('healthy', 'unhealthy')),
    ],
    [
      'another digest',
      /the tasks run sha256:other, not the pushed sha256:new/,
      () => (answers['describe-tasks'] = running('sha256:other')),
    ],
    [
      'a second digest',
      /the tasks run sha256:new, sha256:other, not the pushed sha256:new/,
      () => (answers['describe-tasks'] = running('sha256:new', 'sha256:other')),
    ],
    ['no task', /the tasks run nothing/, () => (answers['list-tasks'] = '{"taskArns": []}')],
    ['another release', /answers 200, not release r12/, () => (health.body = '{"release":"r11"}')],
    ['an error of /health', /answers 503/, () => (health.status = 503)],
    ['a WebSocket that is refused', /does not open: .*502/, () => (opens = false)],
  ]
  for (const [what, message, make] of wrong) {
    it(`sees ${what}, even where another question is not answered`, async () => {
      make()
      assert.match((await verify())?.message ?? '', message)
      const question = what === 'an unhealthy target' ? 'list-tasks' : 'describe-target-health'
      answers[question] = throttled
      assert.match((await verify())?.message ?? '', message)
    })
  }
})

describe('the running digests', () => {
  const task = (...containers: object[]) => ({ taskArn: 'a', taskDefinitionArn: 'b', containers })
  it('are those of our container, each once; a starting task has none', () => {
    const agent = { name: 'aws-guardduty-agent', imageDigest: 'sha256:agent' }
    const ours = { name: 'websocket-server', imageDigest: 'sha256:new' }
    const tasks = [task(agent, ours), task(ours), task({ name: 'websocket-server' })]
    assert.deepEqual(runningDigests({ names } as Target, tasks), ['sha256:new'])
  })
})
