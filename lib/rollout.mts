import { pause } from './job.mts'
import { duration, say } from './narration.mts'
import { describedService, revisionName, type Service } from './service.mts'
import { read } from './shell.mts'
import type { Target } from './target.mts'
import type { Verdict } from './verdict.mts'

/**
 * Judges the deployment of a task definition; undefined while it is under way. Stable is not a verdict: it is reached at
 * zero tasks, and after the circuit breaker has gone back to the old revision.
 */
export function judged(service: Pick<Service, 'deployments'>, taskDefinition: string): Verdict | undefined {
  const mine = service.deployments.find((deployment) => deployment.taskDefinition === taskDefinition)
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY')
  if (mine?.rolloutState === 'FAILED')
    return { verdict: 'failed', reason: mine.rolloutStateReason ?? 'ECS gave no reason' }
  if (mine?.status !== 'PRIMARY') {
    return {
      verdict: 'failed',
      reason: `the service went on to ${primary ? revisionName(primary.taskDefinition) : 'nothing'}`,
    }
  }
  if (mine.rolloutState !== 'COMPLETED') return undefined
  return mine.desiredCount === 0
    ? { verdict: 'failed', reason: 'the service wants 0 tasks: nothing runs, and nothing was verified' }
    : { verdict: 'deployed', reason: `${mine.runningCount} of ${mine.desiredCount} tasks run it` }
}

/** One line on where a rollout stands. */
export function progress({ deployments }: Pick<Service, 'deployments'>): string {
  return deployments
    .map(({ taskDefinition, desiredCount, runningCount, pendingCount, failedTasks = 0 }) => {
      const counts = [`${runningCount}/${desiredCount} running`]
      if (pendingCount) counts.push(`${pendingCount} pending`)
      if (failedTasks) counts.push(`${failedTasks} failed`)
      return `${revisionName(taskDefinition)} ${counts.join(', ')}`
    })
    .join(' | ')
}

/**
 * Follows the deployment of a task definition to its verdict, telling what changes and the service's own events since
 * `seen`. Ends with "still running" after ROLLOUT_TIMEOUT_SECONDS, which is no failure.
 */
export async function followed(
  target: Pick<Target, 'names' | 'settings' | 'local'>,
  taskDefinition: string,
  seen: Service['events'] = [],
): Promise<Verdict> {
  const { names, settings, local } = target
  const budget = Number(settings.ROLLOUT_TIMEOUT_SECONDS) * 1000
  const started = Date.now()
  const told = new Set(seen.map(({ id }) => id))
  let line = ''
  for (;;) {
    const service = await describedService({ names })
    if (!service) return { verdict: 'failed', reason: `the service ${names.service} is gone` }
    const elapsed = Date.now() - started
    // a read may be older than the update before it
    const visible = elapsed > 15_000 || service.deployments.some((mine) => mine.taskDefinition === taskDefinition)
    const now = progress(service)
    if (now !== line) say(`${duration(elapsed).padStart(5)}  ${now}`)
    line = now
    for (const { id, message } of service.events.toReversed()) {
      if (!told.has(id)) say(`       ${message}`)
      told.add(id)
    }
    const verdict = visible ? judged(service, taskDefinition) : undefined
    if (verdict) return verdict
    if (elapsed > budget) {
      return {
        verdict: 'still running',
        reason: `not decided after ROLLOUT_TIMEOUT_SECONDS=${settings.ROLLOUT_TIMEOUT_SECONDS}`,
      }
    }
    // an `aws` process takes about a second by itself
    await pause(local ? 300 : 4000)
  }
}

interface Task {
  taskDefinitionArn: string
  stoppedReason?: string
  containers: { exitCode?: number; reason?: string; imageDigest?: string }[]
}

/** Tasks of a revision, running or stopped. ECS forgets stopped ones after about an hour. */
export async function tasksOf(
  { names }: Pick<Target, 'names'>,
  taskDefinition: string,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  const { taskArns } = await read<{
    taskArns: string[]
  }>`aws ecs list-tasks --cluster ${names.cluster} --service-name ${names.service} --desired-status ${desiredStatus}`
  if (taskArns.length === 0) return []
  const { tasks } = await read<{
    tasks: Task[]
  }>`aws ecs describe-tasks --cluster ${names.cluster} --tasks ${taskArns.slice(0, 100)}`
  return tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === taskDefinition)
}

/** Why tasks stopped, equal reasons counted together: `3 × Essential container in task exited (exit code 1)`. */
export function stoppedReasons(tasks: Task[]): string[] {
  const counted = new Map<string, number>()
  for (const { stoppedReason = 'stopped without a reason', containers } of tasks) {
    const details = containers.flatMap(({ exitCode, reason }) => [
      ...(reason ? [reason] : []),
      ...(exitCode === undefined || exitCode === null ? [] : [`exit code ${exitCode}`]),
    ])
    const line = stoppedReason + (details.length ? ` (${details.join(', ')})` : '')
    counted.set(line, (counted.get(line) ?? 0) + 1)
  }
  return [...counted].map(([line, count]) => `${count} × ${line}`)
}
