import type { Target } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { duration } from '../script/drawing.mts'
import { exitCodes, Failure, Unanswered } from '../script/failure.mts'
import { currentJob, pause } from '../script/job.mts'
import { detail, say } from '../script/narration.mts'
import { withProgress } from '../script/under-way.mts'
import { describeService, revisionName, type Service } from './service.mts'

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

export interface Following<Result> {
  /** Of the line that shows how long it has taken. */
  what: (elapsed: string) => string
  /** Events that are not printed. */
  seen: Service['events']
  /** Milliseconds. */
  within: number
  /** The result when that time is over. */
  overdue: (unanswered: Failure | undefined) => Result
}

/**
 * Describes the service every few seconds until `decide` has a result, and prints what changes: its deployments and its
 * events. A question that nobody answers is asked again. Expired credentials end it as "still running" (exit 5), since
 * what is followed continues.
 * @param decide gets undefined when there is no service, and the milliseconds since the start
 */
export async function followService<Result>(
  { environment, names, local }: Pick<Target, 'environment' | 'names' | 'local'>,
  { what, seen, within, overdue }: Following<Result>,
  decide: (service: Service | undefined, elapsed: number) => Promise<Result | undefined>,
): Promise<Result> {
  const started = Date.now()
  const printed = new Set(seen.map(({ id }) => id))
  let line = ''
  let isNearlyOver = false
  let unanswered: Failure | undefined
  return await withProgress((elapsed) => `${what(elapsed)}: ${line}`, untilDecided)

  async function untilDecided(): Promise<Result> {
    for (;;) {
      const result = await look()
      if (result !== undefined) return result
      if (Date.now() - started > within) return overdue(unanswered)
      // an `aws` process takes about a second by itself
      await pause(local ? 300 : isNearlyOver ? 2000 : 4000)
    }
  }

  async function look(): Promise<Result | undefined> {
    try {
      const service = await describeService({ names })
      const elapsed = Date.now() - started
      if (service) printChanges(service, elapsed)
      isNearlyOver = service !== undefined && runsAlone(service)
      const result = await decide(service, elapsed)
      unanswered = undefined
      return result
    } catch (error) {
      if (!(error instanceof Unanswered) || currentJob().signal.aborted) throw error
      if (!error.isTransient) throw outOfSight(error)
      if (!unanswered) say(`warning: no answer, asking again: ${error.message}`)
      unanswered = error
      return undefined
    }
  }

  function outOfSight({ message, remedy }: Failure): Failure {
    return new Failure(
      `still running: ${message}; ECS continues${line && `: ${line}`}`,
      `${remedy}; then ${invocation('watch', environment)} follows it`,
      exitCodes['still running'],
    )
  }

  function printChanges(service: Service, elapsed: number): void {
    const now = progress(service)
    if (now !== line) detail(`${duration(elapsed).padStart(5)}  ${now}`)
    line = now
    for (const { id, message } of service.events.toReversed()) {
      if (!printed.has(id)) detail(`       ${message}`)
      printed.add(id)
    }
  }
}

/** Whether all tasks of the latest deployment run, and none of an older one: only ECS's word is missing. */
function runsAlone({ deployments }: Service): boolean {
  return deployments.every(({ status, runningCount, desiredCount }) =>
    status === 'PRIMARY' ? runningCount === desiredCount : runningCount === 0,
  )
}

/** Why it ended before there was a result: `not decided after ROLLOUT_TIMEOUT_SECONDS=900`. */
export function timeIsOver(
  what: string,
  { settings }: Pick<Target, 'settings'>,
  unanswered: Failure | undefined,
): string {
  const fact = `${what} after ROLLOUT_TIMEOUT_SECONDS=${settings.ROLLOUT_TIMEOUT_SECONDS}`
  return unanswered ? `${fact}, and nobody answers: ${unanswered.message}` : fact
}
