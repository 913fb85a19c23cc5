import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ledgerDrift, serviceDrift } from '../../lib/check/drift.mts'
import { environmentNames } from '../../lib/environment/environments.mts'
import { isReached, parseTaskCount } from '../../lib/service/scale.mts'
import { serviceSettings, type Service } from '../../lib/service/service.mts'
import { readSettings } from '../../lib/environment/settings.mts'
import { hasChanges } from '../../lib/stack/cdk.mts'
import type { StackOutputs } from '../../lib/stack/outputs.mts'
import { logLine, parseMoment } from '../../lib/service/logs.mts'

describe('--since', () => {
  const now = Date.parse('2026-11-23T10:00:00Z')
  for (const [since, expected] of [
    ['90s', '2026-11-23T09:58:30.000Z'],
    ['15m', '2026-11-23T09:45:00.000Z'],
    ['2h', '2026-11-23T08:00:00.000Z'],
    ['1d', '2026-11-22T10:00:00.000Z'],
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000Z'],
  ] as const) {
    it(`${since} is ${expected}`, () => assert.equal(new Date(parseMoment(since, now)).toISOString(), expected))
  }
  for (const odd of ['', '1e10', '15', 'm', '-5m', 'yesterday', '2026-99-99']) {
    it(`refuses ${JSON.stringify(odd)} with exit code 2`, () => {
      assert.throws(() => parseMoment(odd), { name: 'Failure', exitCode: 2 })
    })
  }
})

it('a log line has its time, eight digits of its task and no second line break', () => {
  const logStreamName = 'websocket/websocket-server/0123456789abcdef'
  assert.equal(
    logLine({ eventId: 'a', timestamp: 1_795_428_001_000, logStreamName, message: 'hello\n' }),
    '2026-11-23T10:00:01.000Z 01234567 hello\n',
  )
})

describe('drift of the service', () => {
  const target = { names: environmentNames('staging'), settings: readSettings('staging') }
  const outputs = { TaskSubnetIds: 'subnet-1,subnet-2', TaskSecurityGroupId: 'sg-1', TargetGroupArn: 'arn' }
  const typed = serviceSettings(target, outputs as StackOutputs)

  it('is none for what was passed, in another order and with what ECS adds', () => {
    const actual = structuredClone(typed)
    actual.networkConfiguration.awsvpcConfiguration.subnets.reverse()
    Object.assign(actual.deploymentConfiguration, { strategy: 'ROLLING', bakeTimeInMinutes: 0 })
    assert.deepEqual(serviceDrift({ ...actual, platformVersion: '1.4.0', cluster: undefined }, typed), [])
  })

  it('names what somebody has changed', () => {
    const actual = structuredClone(typed)
    actual.deploymentConfiguration.minimumHealthyPercent = 50
    assert.deepEqual(serviceDrift(actual, typed), ['deploymentConfiguration.minimumHealthyPercent: 50 → 100'])
  })

  it('sees a load balancer that the service has lost', () => {
    assert.match(serviceDrift({ ...typed, loadBalancers: [] }, typed).join(), /loadBalancers.*→ arn/)
  })
})

describe('drift of the ledger', () => {
  const revision = 'arn:aws:ecs:us-east-1:1:task-definition/websocket-task:2'
  it('is none when nothing is recorded', () => assert.deepEqual(ledgerDrift({ revision }, undefined), []))
  it('is none for the recorded revision', () => assert.deepEqual(ledgerDrift({ revision }, revision), []))
  it('names both revisions otherwise', () => {
    const [line] = ledgerDrift({ revision }, revision.replace(':2', ':1'))
    assert.match(line ?? '', /websocket-task:2 runs.*websocket-task:1/)
  })
})

describe('scaling', () => {
  const service = (desiredCount: number, runningCount: number, pendingCount = 0) =>
    ({ desiredCount, deployments: [{ runningCount, pendingCount }] }) as Service
  it('is over when exactly that many tasks run', () => assert.equal(isReached(service(3, 3), 3), true))
  it('is not over while one is on its way', () => assert.equal(isReached(service(3, 3, 1), 3), false))
  it('is not over while too many run', () => assert.equal(isReached(service(1, 2), 1), false))
  it('takes 0 to 99', () => assert.deepEqual(['0', '99'].map(parseTaskCount), [0, 99]))
  for (const odd of ['100', '03', '1e1', ' 3', '']) {
    it(`refuses ${JSON.stringify(odd)}`, () => assert.throws(() => parseTaskCount(odd), { exitCode: 2 }))
  }
})

describe('cdk diff', () => {
  it('has no changes when it says so', () =>
    assert.equal(hasChanges('✨  Number of stacks with differences: 0'), false))
  it('has changes otherwise', () =>
    assert.equal(hasChanges('[~] AWS::EC2::VPC\n✨  Number of stacks with differences: 10'), true))
})
