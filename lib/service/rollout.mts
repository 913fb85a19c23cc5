import type { Target } from '../environment/target.mts'
import { probe, read } from '../script/shell.mts'
import { followService, timeIsOver, type Following } from './following.mts'
import { timeOf, type Service } from './service.mts'
import { isUnclear, judged, type ServiceDeployment, type Verdict } from './verdict.mts'

/**
 * Follows the deployment of a task definition to its verdict, and prints what changes and the service's own events since
 * `seen`. Returns "still running" after ROLLOUT_TIMEOUT_SECONDS, which is no failure.
 * @param begun when the deployment began; leave it out when it has only just begun
 * @param onStarted called, once or more, while all its tasks run and older ones drain
 */
export async function followRollout(
  target: Pick<Target, 'environment' | 'names' | 'settings' | 'local'>,
  taskDefinition: string,
  seen: Service['events'] = [],
  begun?: Date,
  onStarted?: () => void,
): Promise<Verdict> {
  const { names, settings, local } = target
  const before = new Set(seen.map(({ id }) => id))
  // clocks may differ; once ECS has said when it began there is no need to guess
  let began = begun ?? new Date(Date.now() - 60_000)
  let isVisible = begun !== undefined
  // "ECS Service Start" of the documented timeline
  const expected = local ? '' : ' (documented: 2-3 min)'
  const following: Following<Verdict> = {
    what: (elapsed) => `rollout ${elapsed}${expected}`,
    seen,
    within: Number(settings.ROLLOUT_TIMEOUT_SECONDS) * 1000,
    overdue: (unanswered) => ({
      verdict: 'still running',
      reason: timeIsOver('not decided', target, unanswered),
    }),
  }
  return await followService(target, following, async (service, elapsed) => {
    if (!service) return { verdict: 'failed', reason: `the service ${names.service} is gone` }
    const ours = service.deployments.find((deployment) => deployment.taskDefinition === taskDefinition)
    if (ours?.createdAt !== undefined) began = timeOf(ours.createdAt)
    if (ours && ours.desiredCount > 0 && ours.runningCount === ours.desiredCount) onStarted?.()
    // a read may be older than the update before it
    isVisible ||= ours !== undefined || elapsed > 15_000
    return isVisible ? await verdictOn(service) : undefined
  })

  async function verdictOn({ deployments, events }: Service): Promise<Verdict | undefined> {
    const fresh = { deployments, events: events.filter(({ id }) => !before.has(id)) }
    // describe-services is enough while all goes well
    if (!isUnclear(fresh, taskDefinition)) return judged(fresh, taskDefinition)
    return judged(fresh, taskDefinition, await serviceDeployments({ names }, new Date(began.getTime() - 1000)))
  }
}

export interface LastDeployment {
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
export async function lastDeployment(
  target: Pick<Target, 'names'>,
  { taskDefinition, deployments, events }: Service,
): Promise<LastDeployment> {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const began = primary?.createdAt === undefined ? new Date() : timeOf(primary.createdAt)
  // the deployment that ECS goes back to began before the one that it goes back from
  const [last] = await serviceDeployments(target, new Date(began.getTime() - 1000))
  if (last) return { taskDefinition: last.taskDefinition, seen: events, began: timeOf(last.createdAt) }

  const wayBack = events.findIndex(({ message }) => message.endsWith(`rolling back to deployment ${primary?.id}.`))
  if (wayBack < 0) return { taskDefinition, seen: events, began }
  const failed = deployments.find(({ rolloutState }) => rolloutState === 'FAILED')
  // the event of the failure comes before that of the way back, and has the reason
  const failure = events.findIndex(({ message }, index) => index > wayBack && /deployment failed/.test(message))
  return { taskDefinition: failed?.taskDefinition, seen: events.slice(Math.max(wayBack, failure) + 1), began }
}

type Listed = Omit<ServiceDeployment, 'taskDefinition'> & { targetServiceRevisionArn: string }

/**
 * The service's deployments since a moment, newest first; none where the installed aws does not know the API, or its user
 * may not call it (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html).
 */
async function serviceDeployments({ names }: Pick<Target, 'names'>, since: Date): Promise<ServiceDeployment[]> {
  const answer =
    await probe`aws ecs list-service-deployments --cluster ${names.cluster} --service ${names.service} --created-at after=${since.toISOString()}`
  if (/invalid choice|AccessDenied/i.test(answer.stderr)) return []
  if (answer.exitCode !== 0) throw answer.failed()
  const listed = (JSON.parse(answer.stdout) as { serviceDeployments: Listed[] }).serviceDeployments
  if (listed.length === 0) return []
  const revisions = [...new Set(listed.map(({ targetServiceRevisionArn }) => targetServiceRevisionArn))]
  const { serviceRevisions } = await read<{
    serviceRevisions: { serviceRevisionArn: string; taskDefinition: string }[]
  }>`aws ecs describe-service-revisions --service-revision-arns ${revisions.slice(0, 20)}`
  const known = new Map(serviceRevisions.map((revision) => [revision.serviceRevisionArn, revision.taskDefinition]))
  return listed.map((deployment) => ({
    ...deployment,
    taskDefinition: known.get(deployment.targetServiceRevisionArn) ?? '',
  }))
}
