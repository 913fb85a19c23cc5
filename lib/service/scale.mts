import { keys } from '../environment/keys.mts'
import type { Destination } from '../environment/target.mts'
import { invocation, isRunByMake, invocationWith } from '../script/command-line.mts'
import { exitCodes, Failure } from '../script/failure.mts'
import { followService, progress, timeIsOver } from './rollout.mts'
import type { Service } from './service.mts'

/** A number of tasks as it was typed. Fails (exit 2) on what TASK_COUNT would not take. */
export function parseTaskCount(text: string | undefined): number {
  const { pattern, form } = keys.TASK_COUNT
  if (text === undefined)
    throw new Failure('no number of tasks was given', `give one: ${form}${isRunByMake() ? ', as in COUNT=2' : ''}`, 2)
  if (!pattern.test(text)) throw new Failure(`the number of tasks is ${JSON.stringify(text)}`, `it must be ${form}`, 2)
  return Number(text)
}

/** Whether exactly that many tasks run, with none on the way. */
export function isReached({ desiredCount, deployments }: Service, count: number): boolean {
  const total = (of: 'runningCount' | 'pendingCount') =>
    deployments.reduce((sum, deployment) => sum + deployment[of], 0)
  return desiredCount === count && total('runningCount') === count && total('pendingCount') === 0
}

/**
 * Waits until that many tasks run, and prints what changes and the service's events since `seen`. Fails (exit 5, "still
 * running") after ROLLOUT_TIMEOUT_SECONDS.
 */
export async function waitForTaskCount(target: Destination, count: number, seen: Service['events']): Promise<void> {
  const { environment, names, settings } = target
  let now = ''
  // a scaling is no deployment, which `make watch` follows
  const later = `${invocationWith('scale', environment, 'COUNT', String(count))} sets it again, and waits`
  const following = {
    what: (elapsed: string) => `scaling ${elapsed}`,
    seen,
    within: Number(settings.ROLLOUT_TIMEOUT_SECONDS) * 1000,
    later,
    overdue: (unanswered: Failure | undefined) => {
      throw new Failure(
        `still running: ${timeIsOver(`not ${count} tasks`, target, unanswered)}${now && `: ${now}`}`,
        later,
        exitCodes['still running'],
      )
    },
  }
  await followService(target, following, async (service, elapsed) => {
    if (!service) throw new Failure(`the service ${names.service} is gone`, invocation('backend', environment))
    now = progress(service)
    if (isReached(service, count)) return true
    // a read may be older than the update before it
    if (service.desiredCount !== count && elapsed > 15_000) {
      throw new Failure(
        `the desired count is ${service.desiredCount}, not ${count}: someone else scaled the service`,
        `${invocation('status', environment)} shows how many it wants now`,
        exitCodes.superseded,
      )
    }
    return undefined
  })
}
