import { revisionName, timeOf, type Deployment, type Service } from './service.mts'
import type { ServiceDeployment } from './service-deployments.mts'

/** How a rollout ended, and the exit code that says so. */
export const exitCodes = {
  deployed: 0,
  failed: 1,
  'rolled back': 3,
  superseded: 4,
  'still running': 5,
} as const

export interface Verdict {
  verdict: keyof typeof exitCodes
  reason: string
}

/** What ECS tells while a rollout is judged: `events` are those since it began. */
type Told = Pick<Service, 'deployments'> & Partial<Pick<Service, 'events'>>

/**
 * Judges the deployment of a task definition; undefined while it is under way, which includes the way back. Stable is not
 * a verdict: it is reached at zero tasks, and after the circuit breaker has gone back to the old revision.
 * @param history service deployments, newest first, where the aws at hand can ask for them: without, ECS's own rollback
 *   and somebody's newer deployment are told apart by the service's events
 */
export function judged(service: Told, taskDefinition: string, history: ServiceDeployment[] = []): Verdict | undefined {
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY')
  if (!primary) return { verdict: 'failed', reason: 'the service has no deployment any more' }
  if (primary.taskDefinition === taskDefinition && primary.rolloutState !== 'FAILED') return completed(primary)
  const mine = history.findIndex((deployment) => deployment.taskDefinition === taskDefinition)
  return mine < 0 ? byDescription(service, primary, taskDefinition) : byHistory(primary, history, mine)
}

/** Whether only more than describe-services can tell how it ended. */
export function isUnclear({ deployments }: Pick<Service, 'deployments'>, taskDefinition: string): boolean {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  return primary?.taskDefinition !== taskDefinition || primary.rolloutState === 'FAILED'
}

function completed({ rolloutState, desiredCount, runningCount }: Deployment): Verdict | undefined {
  if (rolloutState !== 'COMPLETED') return undefined
  return desiredCount === 0
    ? { verdict: 'failed', reason: 'the service wants 0 tasks: nothing runs, and nothing was verified' }
    : { verdict: 'deployed', reason: `${runningCount} of ${desiredCount} tasks run it` }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html tells the statuses. */
function byHistory(primary: Deployment, history: ServiceDeployment[], mine: number): Verdict | undefined {
  const { status, statusReason, taskDefinition } = history[mine]!
  const reason = statusReason ?? primary.rolloutStateReason ?? noReason
  const newer = history[mine - 1] ?? (primary.taskDefinition === taskDefinition ? undefined : primary)
  switch (status) {
    case 'ROLLBACK_SUCCESSFUL':
      return { verdict: 'rolled back', reason }
    case 'SUCCESSFUL':
    case 'STOPPED':
      return newer ? superseded(newer) : { verdict: 'failed', reason }
    case 'ROLLBACK_FAILED':
      return { verdict: 'failed', reason }
    default:
      return undefined
  }
}

function byDescription(
  { deployments, events = [] }: Told,
  primary: Deployment,
  taskDefinition: string,
): Verdict | undefined {
  const mine = deployments.find((deployment) => deployment.taskDefinition === taskDefinition)
  const reason = mine?.rolloutStateReason ?? events.find(({ message }) => /deployment failed/.test(message))?.message
  if (mine === primary) {
    // it takes a moment until the way back begins
    const mayGoBack = deployments.some(({ rolloutState }) => rolloutState === 'COMPLETED')
    return mayGoBack ? undefined : { verdict: 'failed', reason: reason ?? noReason }
  }
  const goesBack =
    mine?.rolloutState === 'FAILED' ||
    [primary.rolloutStateReason ?? '', ...events.map(({ message }) => message)].some((text) =>
      text.includes('rolling back to deployment'),
    )
  if (!goesBack) return superseded(primary)
  if (primary.rolloutState === 'COMPLETED') return { verdict: 'rolled back', reason: reason ?? noReason }
  return primary.rolloutState === 'FAILED' ? { verdict: 'failed', reason: reason ?? noReason } : undefined
}

const noReason = 'ECS gave no reason'

function superseded({ taskDefinition, createdAt }: Pick<Deployment, 'taskDefinition' | 'createdAt'>): Verdict {
  const started = createdAt === undefined ? '' : `, started ${timeOf(createdAt).toISOString()}`
  return { verdict: 'superseded', reason: `by ${revisionName(taskDefinition)}${started}` }
}
