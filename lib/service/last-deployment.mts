import type { Target } from '../environment/target.mts'
import { timeOf, type Service } from './service.mts'
import { primaryOf, listServiceDeployments } from './verdict.mts'

interface LastDeployment {
  /** ARN; undefined where ECS has undone the deployment and only its events are left. */
  taskDefinition: string | undefined
  /** The service's events before it. */
  seen: Service['events']
  began: Date
}

/**
 * The deployment that is under way, or was the last one. It is not always the PRIMARY: on the circuit breaker's way back,
 * and ever after, the service names the old revision.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export async function readLastDeployment(
  target: Pick<Target, 'names'>,
  { taskDefinition, deployments, events }: Service,
): Promise<LastDeployment> {
  const primary = primaryOf({ deployments })
  const began = primary?.createdAt === undefined ? new Date() : timeOf(primary.createdAt)
  // the deployment that ECS goes back to began before the one that it goes back from
  const [last] = await listServiceDeployments(target, new Date(began.getTime() - 1000))
  if (last) return { taskDefinition: last.taskDefinition, seen: events, began: timeOf(last.createdAt) }

  const wayBack = events.findIndex(({ message }) => message.endsWith(`rolling back to deployment ${primary?.id}.`))
  if (wayBack < 0) return { taskDefinition, seen: events, began }
  const failed = deployments.find(({ rolloutState }) => rolloutState === 'FAILED')
  // the event of the failure comes before that of the way back, and has the reason
  const failure = events.findIndex(({ message }, index) => index > wayBack && /deployment failed/.test(message))
  return { taskDefinition: failed?.taskDefinition, seen: events.slice(Math.max(wayBack, failure) + 1), began }
}
