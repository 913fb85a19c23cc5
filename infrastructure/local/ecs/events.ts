import { randomUUID } from 'node:crypto'
import type { Service, Task } from './model.ts'

/** ECS keeps the newest hundred. */
const kept = 100

/**
 * Adds a service event; some name the deployment, which ECS then calls a task set.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 */
export function addEvent(service: Service, sentence: string, taskSet?: string): void {
  const whose = taskSet ? `(service ${service.name}, taskSet ${taskSet})` : `(service ${service.name})`
  // no two at one moment: clients sort events by their time, and ask for those after the last one that they know
  const last = service.events[0]?.createdAt.getTime() ?? 0
  const createdAt = new Date(Math.max(Date.now(), last + 1))
  service.events.unshift({ id: randomUUID(), createdAt, message: `${whose} ${sentence}` })
  service.events.length = Math.min(service.events.length, kept)
}

const listed = (tasks: Pick<Task, 'id'>[]): string => tasks.map(({ id }) => `(task ${id})`).join(' ')

/** The sentences, as ECS writes them. */
export const events = {
  started: (tasks: Pick<Task, 'id'>[]) => `has started ${tasks.length} tasks: ${listed(tasks)}.`,
  stopped: (tasks: Pick<Task, 'id'>[]) => `has stopped ${tasks.length} running tasks: ${listed(tasks)}.`,
  stoppedPending: (count: number) => `stopped ${count} pending tasks.`,
  registered: (targetGroupArn: string) => `registered 1 targets in (target-group ${targetGroupArn})`,
  deregistered: (targetGroupArn: string) => `deregistered 1 targets in (target-group ${targetGroupArn})`,
  draining: (count: number) => `has begun draining connections on ${count} tasks.`,
  notPlaced: (reason: string) => `was unable to place a task. Reason: ${reason}.`,
  unhealthyTarget: (task: Pick<Task, 'id'>, port: number, targetGroupArn: string, description: string) =>
    `(task ${task.id}) (port ${port}) is unhealthy in (target-group ${targetGroupArn}) due to (reason ${description})`,
  unhealthyContainer: (task: Pick<Task, 'id'>) => `(task ${task.id}) failed container health checks.`,
  inconsistent:
    'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
  steady: 'has reached a steady state.',
  completed: (deploymentId: string) => `(deployment ${deploymentId}) deployment completed.`,
  failed: (deploymentId: string, why: string) => `(deployment ${deploymentId}) deployment failed: ${why}.`,
  rollingBack: (deploymentId: string) => `rolling back to deployment ${deploymentId}.`,
}
