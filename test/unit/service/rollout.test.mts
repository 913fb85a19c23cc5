import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { progress } from '../../../lib/service/rollout.mts'

describe('the progress of a rollout', () => {
  it('names each deployment by its revision, and only useful counts', () => {
    const arn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/websocket-task'
    const common = { id: 'ecs-svc/1', desiredCount: 2, runningCount: 2, pendingCount: 0 }
    assert.equal(
      progress({
        deployments: [
          {
            ...common,
            status: 'PRIMARY',
            taskDefinition: `${arn}:12`,
            runningCount: 0,
            pendingCount: 1,
            failedTasks: 3,
          },
          { ...common, status: 'ACTIVE', taskDefinition: `${arn}:11` },
        ],
      }),
      'websocket-task:12 0/2 running, 1 pending, 3 failed | websocket-task:11 2/2 running',
    )
  })
})
