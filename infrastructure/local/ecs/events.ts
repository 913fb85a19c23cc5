import { randomUUID } from 'node:crypto'
import type { Service, Task } from './model.ts'

/** ECS keeps the newest hundred. */
const kept = 100

/** Adds a service event. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
export function tell(service: Service, sentence: string): void {
  service.events.unshift({ id: randomUUID(), createdAt: new Date(), message: `(service ${service.name}) ${sentence}` })
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
  failed: (deploymentId: string) => `(deployment ${deploymentId}) deployment failed: tasks failed to start.`,
  rollingBack: (deploymentId: string) => `rolling back to deployment ${deploymentId}.`,
}
