import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { pause } from '../script/job.mts'
import { duration, say } from '../script/narration.mts'
import { progress } from './rollout.mts'
import { describeService, type Service } from './service.mts'
import { keys } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import { exitCodes } from './verdict.mts'

/** A number of tasks as it was typed. Fails (exit 2) on what TASK_COUNT would not take. */
export function taskCountOf(text: string | undefined): number {
  const { pattern, form } = keys.TASK_COUNT
  if (text === undefined) throw new Failure('no number of tasks was given', `give one: ${form}`, 2)
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
 * Waits until that many tasks run, telling what changes and the service's events since `seen`. Fails (exit 5, "still
 * running") after ROLLOUT_TIMEOUT_SECONDS.
 */
export async function waitForTaskCount(
  { environment, names, settings, local }: Target,
  count: number,
  seen: Service['events'],
): Promise<void> {
  const budget = Number(settings.ROLLOUT_TIMEOUT_SECONDS) * 1000
  const started = Date.now()
  const told = new Set(seen.map(({ id }) => id))
  let line = ''
  for (;;) {
    const service = await describeService({ names })
    if (!service) throw new Failure(`the service ${names.service} is gone`, invocation('backend', environment))
    const now = progress(service)
    if (now !== line) say(`${duration(Date.now() - started).padStart(5)}  ${now}`)
    line = now
    for (const { id, message } of service.events.toReversed()) {
      if (!told.has(id)) say(`       ${message}`)
      told.add(id)
    }
    if (isReached(service, count)) return
    // a read may be older than the update before it
    if (service.desiredCount !== count && Date.now() - started > 15_000) {
      throw new Failure(
        `the service wants ${service.desiredCount} tasks, not ${count}: somebody else scaled it`,
        `${invocation('status', environment)} shows what it wants now`,
        exitCodes.superseded,
      )
    }
    if (Date.now() - started > budget) {
      throw new Failure(
        `still running: not ${count} tasks after ROLLOUT_TIMEOUT_SECONDS=${settings.ROLLOUT_TIMEOUT_SECONDS}: ${now}`,
        `${invocation('watch', environment)} goes on watching`,
        exitCodes['still running'],
      )
    }
    await pause(local ? 300 : 4000)
  }
}
