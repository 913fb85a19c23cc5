import { launchPause } from './circuit-breaker.ts'
import { currentServiceDeployment } from './deployment.ts'
import { addEvent, events } from './events.ts'
import type { Service, Task } from './model.ts'
import type { TaskObserver } from './task-life.ts'

/** Failures in a row after which ECS says that it cannot start the service's tasks. */
const consistentlyFailing = 10

/** Turns what happens to a service's tasks into its events and its deployments' counts. */
export function serviceObserver(service: Service): TaskObserver {
  return {
    registered: (_task, targetGroupArn) => addEvent(service, events.registered(targetGroupArn)),
    deregistered(task, targetGroupArn) {
      addEvent(service, events.deregistered(targetGroupArn))
      addEvent(service, events.draining(1), task.service.deploymentId)
    },
    failed(task) {
      if (task.stopCode === 'TaskFailedToStart') addEvent(service, events.notPlaced(task.stoppedReason ?? ''))
      countFailure(service, task)
    },
  }
}

/** A task of this deployment has failed: the breaker counts it, and the next launch waits a little longer. */
export function countFailure(service: Service, task: Task): void {
  const deployment = service.deployments.find(({ id }) => id === task.service.deploymentId)
  if (!deployment) return
  deployment.setbacks += 1
  deployment.lastSetback = Date.now()
  deployment.launchAfter = Date.now() + launchPause(deployment.setbacks)
  deployment.updatedAt = new Date()
  if (!deployment.proven) deployment.failedTasks += 1
  if (deployment.setbacks === consistentlyFailing) addEvent(service, events.inconsistent)
  const current = currentServiceDeployment(service)
  if (current?.target === deployment.revision) current.breaker.failureCount = deployment.failedTasks
}
