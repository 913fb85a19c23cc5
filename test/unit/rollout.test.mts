import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judged, progress, stoppedReasons } from '../../lib/rollout.mts'
import type { Deployment } from '../../lib/service.mts'

const mine = 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:12'
const other = 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task:11'

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

describe('the verdict on a rollout', () => {
  const table: [string, Deployment[], string | undefined, RegExp?][] = [
    ['completed', [deployment({})], 'deployed', /2 of 2/],
    ['still replacing tasks', [deployment({ rolloutState: 'IN_PROGRESS', runningCount: 1 }), old], undefined],
    ['all new tasks up, old ones draining', [deployment({ rolloutState: 'IN_PROGRESS' }), old], undefined],
    [
      'given up by the circuit breaker, which is going back',
      [
        deployment({ status: 'PRIMARY', taskDefinition: other, rolloutState: 'IN_PROGRESS' }),
        deployment({ status: 'ACTIVE', rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start' }),
      ],
      'failed',
      /tasks failed to start/,
    ],
    ['stable on the old revision', [deployment({ taskDefinition: other })], 'failed', /went on to websocket-task:11/],
    ['a first deployment that failed', [deployment({ rolloutState: 'FAILED' })], 'failed', /no reason/],
    [
      'completed with no task at all',
      [deployment({ desiredCount: 0, runningCount: 0 })],
      'failed',
      /nothing was verified/,
    ],
    ['no deployment left', [], 'failed', /went on to nothing/],
  ]
  for (const [situation, deployments, verdict, reason] of table) {
    it(`${situation}: ${verdict ?? 'none yet'}`, () => {
      const judgement = judged({ deployments }, mine)
      assert.equal(judgement?.verdict, verdict)
      if (reason) assert.match(judgement?.reason ?? '', reason)
    })
  }
})

describe('the progress of a rollout', () => {
  it('tells each deployment by its revision, and only counts that say something', () => {
    const starting = deployment({ runningCount: 0, pendingCount: 1, failedTasks: 3 })
    assert.equal(
      progress({ deployments: [starting, old] }),
      'websocket-task:12 0/2 running, 1 pending, 3 failed | websocket-task:11 2/2 running',
    )
  })
})

describe('the reasons why tasks stopped', () => {
  it('are counted together, with exit code and reason of the container', () => {
    const crashed = {
      taskDefinitionArn: mine,
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError' }],
    }
    const missing = {
      taskDefinitionArn: mine,
      stoppedReason: 'CannotPullContainerError: manifest unknown',
      containers: [{}],
    }
    assert.deepEqual(stoppedReasons([crashed, missing, crashed]), [
      '2 × Essential container in task exited (OutOfMemoryError, exit code 137)',
      '1 × CannotPullContainerError: manifest unknown',
    ])
  })
})
