import type { Target } from '../environment/target.mts'
import type { exitCodes } from '../script/failure.mts'
import { read } from '../script/shell.mts'
import { revisionName, timeOf, type Deployment, type Service, type Time } from './service.mts'

export interface Verdict {
  verdict: keyof typeof exitCodes
  reason: string
}

/** A deployment of a service as ECS remembers it for 90 days, whatever came after it. */
export interface ServiceDeployment {
  status:
    | 'PENDING'
    | 'IN_PROGRESS'
    | 'STOP_REQUESTED'
    | 'STOPPED'
    | 'ROLLBACK_REQUESTED'
    | 'ROLLBACK_IN_PROGRESS'
    | 'ROLLBACK_SUCCESSFUL'
    | 'ROLLBACK_FAILED'
    | 'SUCCESSFUL'
  statusReason?: string
  serviceDeploymentArn: string
  createdAt: Time
  /** ARN. */
  taskDefinition: string
}

/** The service while a rollout is judged: `events` are those since the rollout began. */
type Observed = Pick<Service, 'deployments'> & Partial<Pick<Service, 'events'>>

/** The deployment that the service is set to, whether it comes up or not. */
export function primaryOf({ deployments }: Pick<Service, 'deployments'>): Deployment | undefined {
  return deployments.find(({ status }) => status === 'PRIMARY')
}

/**
 * The verdict on the deployment of a task definition; undefined while it is under way, which includes the way back. A
 * stable service is no verdict: it is stable with zero tasks, and after the circuit breaker has gone back to the old
 * revision.
 * @param history service deployments, newest first, where the installed aws can list them; without it, the service's
 *   events distinguish ECS's own rollback from someone else's newer deployment
 */
export function verdictOn(
  service: Observed,
  taskDefinition: string,
  history: ServiceDeployment[] = [],
): Verdict | undefined {
  const primary = primaryOf(service)
  if (!primary) return { verdict: 'failed', reason: 'the service no longer has a deployment' }
  if (primary.taskDefinition === taskDefinition && primary.rolloutState !== 'FAILED') return byCompletion(primary)
  const ours = history.findIndex((deployment) => deployment.taskDefinition === taskDefinition)
  return ours < 0 ? byDescription(service, primary, taskDefinition) : byHistory(primary, history, ours)
}

/** Whether describe-services is not enough to know how it ended. */
export function isUnclear(service: Pick<Service, 'deployments'>, taskDefinition: string): boolean {
  const primary = primaryOf(service)
  return primary?.taskDefinition !== taskDefinition || primary.rolloutState === 'FAILED'
}

function byCompletion({ rolloutState, desiredCount, runningCount }: Deployment): Verdict | undefined {
  if (rolloutState !== 'COMPLETED') return undefined
  return desiredCount === 0
    ? { verdict: 'failed', reason: 'the desired count is 0: nothing runs, and nothing was verified' }
    : { verdict: 'deployed', reason: `${runningCount} of ${desiredCount} tasks run it` }
}

/** The statuses: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
function byHistory(primary: Deployment, history: ServiceDeployment[], ours: number): Verdict | undefined {
  const { status, statusReason, taskDefinition } = history[ours]!
  const reason = statusReason ?? primary.rolloutStateReason ?? noReason
  const newer = history[ours - 1] ?? (primary.taskDefinition === taskDefinition ? undefined : primary)
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
  { deployments, events = [] }: Observed,
  primary: Deployment,
  taskDefinition: string,
): Verdict | undefined {
  const ours = deployments.find((deployment) => deployment.taskDefinition === taskDefinition)
  const reason = ours?.rolloutStateReason ?? events.find(({ message }) => /deployment failed/.test(message))?.message
  if (ours === primary) {
    // it takes a moment until the way back begins
    const mayGoBack = deployments.some(({ rolloutState }) => rolloutState === 'COMPLETED')
    return mayGoBack ? undefined : { verdict: 'failed', reason: reason ?? noReason }
  }
  const goesBack =
    ours?.rolloutState === 'FAILED' ||
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

/**
 * The verdict on a deployment that ECS gave up, with the alarms that made it do so.
 * @param deployment as ECS remembers it; undefined where it cannot be asked, which leaves ECS's own reason: "alarm detected"
 */
export async function addAlarms(
  verdict: Verdict | undefined,
  deployment: ServiceDeployment | undefined,
): Promise<Verdict | undefined> {
  if (!deployment || (verdict?.verdict !== 'rolled back' && verdict?.verdict !== 'failed')) return verdict
  const alarms = await listTriggeredAlarms(deployment.serviceDeploymentArn)
  return alarms.length === 0 ? verdict : { ...verdict, reason: `by alarm ${alarms.join(', ')}: ${verdict.reason}` }
}

/** None where the circuit breaker ended it (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentAlarms.html). */
async function listTriggeredAlarms(deploymentArn: string): Promise<string[]> {
  const described = await read<{ serviceDeployments: { alarms?: { triggeredAlarmNames?: string[] } }[] }>({
    ifEmpty: { serviceDeployments: [] },
    absent: /AccessDenied/i,
  })`aws ecs describe-service-deployments --service-deployment-arns ${deploymentArn}`
  return described?.serviceDeployments[0]?.alarms?.triggeredAlarmNames ?? []
}

type Listed = Omit<ServiceDeployment, 'taskDefinition'> & { targetServiceRevisionArn: string }

/**
 * The service's deployments since a moment, newest first; none where the installed aws does not know the API, or its user
 * may not call it (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html).
 */
export async function listServiceDeployments(
  { names }: Pick<Target, 'names'>,
  since: Date,
): Promise<ServiceDeployment[]> {
  const listed = await read<{ serviceDeployments: Listed[] }>({
    ifEmpty: { serviceDeployments: [] },
    absent: /invalid choice|AccessDenied/i,
  })`aws ecs list-service-deployments --cluster ${names.cluster} --service ${names.service} --created-at after=${since.toISOString()}`
  const deployments = listed?.serviceDeployments ?? []
  if (deployments.length === 0) return []
  const revisions = [...new Set(deployments.map(({ targetServiceRevisionArn }) => targetServiceRevisionArn))]
  const described = await read<{ serviceRevisions: { serviceRevisionArn: string; taskDefinition: string }[] }>({
    absent: /AccessDenied/i,
  })`aws ecs describe-service-revisions --service-revision-arns ${revisions.slice(0, 20)}`
  if (!described) return []
  const known = new Map(described.serviceRevisions.map((one) => [one.serviceRevisionArn, one.taskDefinition]))
  return deployments.map((deployment) => ({
    ...deployment,
    taskDefinition: known.get(deployment.targetServiceRevisionArn) ?? '',
  }))
}
