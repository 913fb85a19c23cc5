import { pause } from '../script/job.mts'
import { duration, withProgress, say } from '../script/narration.mts'
import { serviceDeployments } from './service-deployments.mts'
import { describeService, revisionName, timeOf, type Service } from './service.mts'
import type { Target } from '../environment/target.mts'
import { isUnclear, judged, type Verdict } from './verdict.mts'

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
 * @param begun when it began; without, it was just now begun
 */
export async function followRollout(
  target: Pick<Target, 'names' | 'settings' | 'local'>,
  taskDefinition: string,
  seen: Service['events'] = [],
  begun?: Date,
): Promise<Verdict> {
  const { names, settings, local } = target
  const budget = Number(settings.ROLLOUT_TIMEOUT_SECONDS) * 1000
  const started = Date.now()
  const before = new Set(seen.map(({ id }) => id))
  const told = new Set(before)
  // clocks may differ; once ECS has told when it began there is no need to guess
  let began = begun ?? new Date(started - 60_000)
  let visible = begun !== undefined
  let line = ''
  // "ECS Service Start" of the documented timeline
  const expected = local ? '' : ' (documented: 2-3 min)'
  return await withProgress((elapsed) => `rollout ${elapsed}${expected}: ${line}`, untilDecided)

  async function untilDecided(): Promise<Verdict> {
    for (;;) {
      const service = await describeService({ names })
      if (!service) return { verdict: 'failed', reason: `the service ${names.service} is gone` }
      const elapsed = Date.now() - started
      const mine = service.deployments.find((deployment) => deployment.taskDefinition === taskDefinition)
      if (mine?.createdAt !== undefined) began = timeOf(mine.createdAt)
      // a read may be older than the update before it
      visible ||= mine !== undefined || elapsed > 15_000
      const now = progress(service)
      if (now !== line) say(`${duration(elapsed).padStart(5)}  ${now}`)
      line = now
      for (const { id, message } of service.events.toReversed()) {
        if (!told.has(id)) say(`       ${message}`)
        told.add(id)
      }
      const verdict = visible ? await verdictOn(service) : undefined
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

  async function verdictOn({ deployments, events }: Service): Promise<Verdict | undefined> {
    const fresh = { deployments, events: events.filter(({ id }) => !before.has(id)) }
    // what describe-services tells is enough while all goes well
    if (!isUnclear(fresh, taskDefinition)) return judged(fresh, taskDefinition)
    return judged(fresh, taskDefinition, await serviceDeployments({ names }, new Date(began.getTime() - 1000)))
  }
}
