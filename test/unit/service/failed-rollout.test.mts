import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canReturnTo, verdictIfOvertaken } from '../../../lib/service/failed-rollout.mts'
import type { Deployment, RunningRelease, Service } from '../../../lib/service/service.mts'

const arn = (revision: number) => `arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:${revision}`
const service = (revision: number, given: Partial<Deployment> = {}) =>
  ({
    taskDefinition: arn(revision),
    deployments: [
      {
        id: 'ecs-svc/1',
        status: 'PRIMARY',
        taskDefinition: arn(revision),
        desiredCount: 2,
        runningCount: 2,
        pendingCount: 0,
        rolloutState: 'COMPLETED',
        ...given,
      },
    ],
    events: [] as Service['events'],
  }) as Service

describe('a release that is seen to be wrong', () => {
  it('is the release’s fault while the service is as it was deployed', () => {
    assert.equal(verdictIfOvertaken(service(12), arn(12)), undefined)
  })

  it('is superseded when someone else has deployed another revision', () => {
    assert.equal(verdictIfOvertaken(service(13), arn(12))?.verdict, 'superseded')
  })

  it('is not rolled back when someone else has scaled the service to 0', () => {
    const verdict = verdictIfOvertaken(service(12, { desiredCount: 0, runningCount: 0 }), arn(12))
    assert.equal(verdict?.verdict, 'failed')
    assert.match(verdict.reason, /desired count is 0/)
  })

  it('is not rolled back when someone else has deleted the service', () => {
    assert.deepEqual(verdictIfOvertaken(undefined, arn(12)), { verdict: 'failed', reason: 'the service was deleted' })
  })
})

describe('the way back to what ran before', () => {
  const before = (given: Partial<Deployment> = {}, deregistered = false) =>
    ({ service: service(11, given), revision: arn(11), deregistered }) as RunningRelease
  it('is open to a revision that came up', () => assert.equal(canReturnTo(before(), arn(12)), true))
  it('is closed to one that never came up', () =>
    assert.equal(canReturnTo(before({ rolloutState: 'FAILED' }), arn(12)), false))
  it('is closed to one that was deregistered', () => assert.equal(canReturnTo(before({}, true), arn(12)), false))
  it('is closed to the one that was tried', () => assert.equal(canReturnTo(before(), arn(11)), false))
})
