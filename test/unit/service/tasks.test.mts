import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failedTasks, stoppedReasons, tasksOfLatestDeployment } from '../../../lib/service/tasks.mts'

describe('the reasons of stopped tasks', () => {
  it('are counted together, with exit code and reason of the container', () => {
    const crashed = {
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError' }],
    }
    const missing = {
      stoppedReason: 'CannotPullContainerError: manifest unknown',
      containers: [{ reason: 'CannotPullContainerError: manifest unknown' }],
    }
    assert.deepEqual(stoppedReasons([crashed, missing, crashed]), [
      '2 × Essential container in task exited (OutOfMemoryError, exit code 137)',
      '1 × CannotPullContainerError: manifest unknown',
    ])
  })

  it('say so when ECS gives none', () => {
    assert.deepEqual(stoppedReasons([{ containers: [] }]), ['1 × stopped without a reason'])
  })
})

describe('the tasks of the latest deployment', () => {
  const task = (startedBy: string, createdAt: string) => ({
    taskArn: startedBy + createdAt,
    taskDefinitionArn: 'b',
    containers: [],
    startedBy,
    createdAt,
  })
  const tasks = [task('ecs-svc/1', '2026-11-25T10:00:00Z'), task('ecs-svc/2', '2026-11-25T11:00:00Z')]

  it('leave out an earlier deployment of the same revision', () => {
    assert.deepEqual(tasksOfLatestDeployment(tasks, []), [tasks[1]])
  })

  it('are none when only other tasks are of it', () => {
    assert.deepEqual(tasksOfLatestDeployment(tasks, [task('ecs-svc/3', '2026-11-25T12:00:00Z')]), [])
    assert.deepEqual(tasksOfLatestDeployment([], []), [])
  })
})

describe('the failed tasks', () => {
  it('leave out those that ECS stopped because it wanted fewer', () => {
    const task = (stoppedReason: string) => ({ taskArn: 'a', taskDefinitionArn: 'b', containers: [], stoppedReason })
    const failed = task('Task failed ELB health checks in (target-group tg)')
    assert.deepEqual(failedTasks([task('Scaling activity initiated by (deployment ecs-svc/1)'), failed]), [failed])
  })
})
