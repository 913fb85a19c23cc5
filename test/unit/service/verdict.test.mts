import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ServiceDeployment, isUnclear, verdictOn } from '../../../lib/service/verdict.mts'
import type { Deployment } from '../../../lib/service/service.mts'

const mine = 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:12'
const other = 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:11'
const newer = 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:13'

function deployment(part: Partial<Deployment>): Deployment {
  return {
    id: 'ecs-svc/1',
    status: 'PRIMARY',
    taskDefinition: mine,
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    rolloutState: 'COMPLETED',
    ...part,
  }
}
const old = deployment({ status: 'ACTIVE', taskDefinition: other })
const backAt = (rolloutState: 'IN_PROGRESS' | 'COMPLETED') => deployment({ taskDefinition: other, rolloutState })
const givenUp = deployment({ status: 'ACTIVE', rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start' })

function remembered(
  status: ServiceDeployment['status'],
  taskDefinition = mine,
  createdAt: number | string = 1795407740,
): ServiceDeployment {
  return { serviceDeploymentArn: '', status, taskDefinition, createdAt, statusReason: `because of ${status}` }
}

type Row = [situation: string, deployments: Deployment[], verdict: string | undefined, reason?: RegExp]

describe('the verdict from describe-services', () => {
  for (const [situation, deployments, verdict, reason] of [
    ['completed', [deployment({})], 'deployed', /2 of 2/],
    ['still replacing tasks', [deployment({ rolloutState: 'IN_PROGRESS', runningCount: 1 }), old], undefined],
    ['all new tasks up, old ones draining', [deployment({ rolloutState: 'IN_PROGRESS' }), old], undefined],
    [
      'given up by the circuit breaker, which is about to go back',
      [deployment({ rolloutState: 'FAILED' }), old],
      undefined,
    ],
    ['given up by the circuit breaker, which is going back', [backAt('IN_PROGRESS'), givenUp], undefined],
    ['back on the old revision', [backAt('COMPLETED'), givenUp], 'rolled back', /tasks failed to start/],
    [
      'on a newer revision',
      [deployment({ taskDefinition: newer, rolloutState: 'IN_PROGRESS' }), old],
      'superseded',
      /by websocket-task:13/,
    ],
    ['a first deployment that failed', [deployment({ rolloutState: 'FAILED' })], 'failed', /no reason/],
    [
      'completed with no task at all',
      [deployment({ desiredCount: 0, runningCount: 0 })],
      'failed',
      /nothing was verified/,
    ],
    ['no deployment left', [], 'failed', /no longer has a deployment/],
  ] as Row[]) {
    it(`${situation}: ${verdict ?? 'none yet'}`, () => {
      const judgement = verdictOn({ deployments }, mine)
      assert.equal(judgement?.verdict, verdict)
      if (reason) assert.match(judgement?.reason ?? '', reason)
    })
  }

  it('distinguishes a finished rollback from a newer deployment by the events', () => {
    const message = '(service websocket-service) rolling back to deployment ecs-svc/0.'
    const events = [{ id: '1', createdAt: 0, message }]
    assert.equal(verdictOn({ deployments: [backAt('COMPLETED')], events }, mine)?.verdict, 'rolled back')
    assert.equal(verdictOn({ deployments: [backAt('COMPLETED')], events: [] }, mine)?.verdict, 'superseded')
  })
})

describe('the verdict from the service deployments', () => {
  const gone = [backAt('COMPLETED')]
  const failing = [deployment({ rolloutState: 'FAILED' })]
  for (const [situation, deployments, history, verdict, reason] of [
    ['rolled back', gone, [remembered('ROLLBACK_SUCCESSFUL')], 'rolled back', /^because of ROLLBACK_SUCCESSFUL$/],
    ['going back', gone, [remembered('ROLLBACK_IN_PROGRESS')], undefined],
    ['about to go back', failing, [remembered('ROLLBACK_REQUESTED')], undefined],
    ['with nothing to go back to', failing, [remembered('ROLLBACK_FAILED')], 'failed', /^because of ROLLBACK_FAILED$/],
    ['stopped by hand', failing, [remembered('STOPPED')], 'failed', /^because of STOPPED$/],
    [
      'stopped by a newer one',
      gone,
      [remembered('IN_PROGRESS', newer, '2026-11-23T04:22:20Z'), remembered('STOPPED')],
      'superseded',
      /^by websocket-task:13, started 2026-11-23T04:22:20.000Z$/,
    ],
    [
      'stopped by a newer one that was itself replaced',
      gone,
      [remembered('IN_PROGRESS', other), remembered('STOPPED', newer), remembered('STOPPED')],
      'superseded',
      /^by websocket-task:13, started 2026-11-23T04:22:20.000Z$/,
    ],
    ['succeeded, and replaced since', gone, [remembered('SUCCESSFUL')], 'superseded', /^by websocket-task:11$/],
    ['not in the list yet, and a newer one runs', gone, [remembered('IN_PROGRESS', newer)], 'superseded', /:11/],
  ] as [string, Deployment[], ServiceDeployment[], string | undefined, RegExp?][]) {
    it(`${situation}: ${verdict ?? 'none yet'}`, () => {
      const judgement = verdictOn({ deployments }, mine, history)
      assert.equal(judgement?.verdict, verdict)
      if (reason) assert.match(judgement?.reason ?? '', reason)
    })
  }
})

describe('describe-services alone', () => {
  for (const [situation, deployments, unclear] of [
    ['is enough for a completed deployment', [deployment({})], false],
    ['is enough while tasks are replaced', [deployment({ rolloutState: 'IN_PROGRESS' }), old], false],
    ['is not enough once ECS has given up', [deployment({ rolloutState: 'FAILED' }), old], true],
    ['is not enough on the way back', [backAt('IN_PROGRESS'), givenUp], true],
    ['is not enough without a deployment', [], true],
  ] as [string, Deployment[], boolean][]) {
    it(situation, () => assert.equal(isUnclear({ deployments }, mine), unclear))
  }
})
