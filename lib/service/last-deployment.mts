import { serviceDeployments } from './service-deployments.mts'
import { timeOf, type Service } from './service.mts'
import type { Target } from '../environment/target.mts'

export interface LastDeployment {
  /** ARN; undefined where only the events are left of what ECS has undone. */
  taskDefinition: string | undefined
  /** The service's events before it, or those that are told already. */
  seen: Service['events']
  began: Date
}

/**
 * The deployment that is under way, or was the last one. It is not always the PRIMARY: on the circuit breaker's way back,
 * and ever after, the service names the old revision.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export async function lastDeployment(
  target: Pick<Target, 'names'>,
  { taskDefinition, deployments, events }: Service,
): Promise<LastDeployment> {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const began = primary?.createdAt === undefined ? new Date() : timeOf(primary.createdAt)
  // what ECS goes back to began before what it goes back from
  const [last] = await serviceDeployments(target, new Date(began.getTime() - 1000))
  if (last) return { taskDefinition: last.taskDefinition, seen: events, began: timeOf(last.createdAt) }

  const wayBack = events.findIndex(({ message }) => message.endsWith(`rolling back to deployment ${primary?.id}.`))
  if (wayBack < 0) return { taskDefinition, seen: events, began }
  const givenUp = deployments.find(({ rolloutState }) => rolloutState === 'FAILED')
  // the failure is told before the way back: it is the reason
  const failure = events.findIndex(({ message }, index) => index > wayBack && /deployment failed/.test(message))
  return { taskDefinition: givenUp?.taskDefinition, seen: events.slice(Math.max(wayBack, failure) + 1), began }
}
