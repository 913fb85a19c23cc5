import type { Target } from '../environment/target.mts'
import { askWithin } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import { duration } from '../script/drawing.mts'
import { exitCodes, Failure, Unanswered } from '../script/failure.mts'
import { currentJob, pause } from '../script/job.mts'
import { sayDetail, say } from '../script/narration.mts'
import { withProgress } from '../script/under-way.mts'
import { type Deployment, describeService, revisionName, type Service, timeOf } from './service.mts'
import { isUnclear, verdictOn, type Verdict, listServiceDeployments, addAlarms } from './verdict.mts'

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

interface Following<Result> {
  /** Of the line that shows how long it has taken. */
  what: (elapsed: string) => string
  /** Events that are not printed. */
  seen: Service['events']
  /** Milliseconds. */
  within: number
  /** How to follow it later, when the credentials have expired: `make watch ENV=staging follows it`. */
  later: string
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
  { names, local }: Pick<Target, 'names' | 'local'>,
  { what, seen, within, later, overdue }: Following<Result>,
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
      // one question may hang; the next may not
      const result = await askWithin(started + within - Date.now(), async () => {
        const service = await describeService({ names })
        const elapsed = Date.now() - started
        if (service) printChanges(service, elapsed)
        isNearlyOver = service !== undefined && runsAlone(service)
        return await decide(service, elapsed)
      })
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
      `${remedy}; then ${later}`,
      exitCodes['still running'],
    )
  }

  function printChanges(service: Service, elapsed: number): void {
    const now = progress(service)
    if (now !== line) sayDetail(`${duration(elapsed).padStart(5)}  ${now}`)
    line = now
    for (const { id, message } of service.events.toReversed()) {
      if (!printed.has(id)) sayDetail(`       ${message}`)
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
  return unanswered ? `${fact}, and AWS did not answer: ${unanswered.message}` : fact
}

interface RolloutView {
  /** Events of the service that are not printed. */
  seen?: Service['events'] | undefined
  /** When the deployment began; leave it out when it has only just begun. */
  began?: Date
  /** Milliseconds; ROLLOUT_TIMEOUT_SECONDS when left out. */
  within?: number
}

/**
 * Follows the deployment of a task definition to its verdict, and prints what changes and the service's own events. Returns
 * "still running" when the time is over, which is no failure.
 * @param taskDefinition empty where ECS has undone the deployment and no one knows any more what it was
 */
export async function followRollout(
  target: Pick<Target, 'environment' | 'names' | 'settings' | 'local'>,
  taskDefinition: string,
  { seen = [], began: begun, within = Number(target.settings.ROLLOUT_TIMEOUT_SECONDS) * 1000 }: RolloutView = {},
): Promise<Verdict> {
  const { environment, names, local } = target
  const before = new Set(seen.map(({ id }) => id))
  // clocks may differ; once ECS has said when it began there is no need to guess
  let began = begun ?? new Date(Date.now() - 60_000)
  let isVisible = begun !== undefined
  let isBakeSaid = false
  // "ECS Service Start" of the documented timeline
  const expected = local ? '' : ' (documented: 2-3 min)'
  const following: Following<Verdict> = {
    what: (elapsed) => `rollout ${elapsed}${expected}`,
    seen,
    within,
    later: `${invocation('watch', environment)} follows it`,
    overdue: (unanswered) => ({
      verdict: 'still running',
      reason: timeIsOver('not decided', target, unanswered),
    }),
  }
  return await followService(target, following, async (service, elapsed) => {
    if (!service) return { verdict: 'failed', reason: `the service ${names.service} is gone` }
    const ours = service.deployments.find((deployment) => deployment.taskDefinition === taskDefinition)
    if (ours?.createdAt !== undefined) began = timeOf(ours.createdAt)
    if (ours?.status === 'PRIMARY' && runsAlone(service)) sayThatAlarmsAreWatched(service, ours)
    // a read may be older than the update before it, and show what a rollback goes back to as what is being replaced
    isVisible ||= ours?.status === 'PRIMARY' || elapsed > 15_000
    return isVisible ? await judge(service) : undefined
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html: the bake time
  function sayThatAlarmsAreWatched({ deploymentConfiguration }: Service, { rolloutState }: Deployment): void {
    const { enable, alarmNames } = deploymentConfiguration?.alarms ?? { enable: false, alarmNames: [] }
    if (!enable || rolloutState !== 'IN_PROGRESS' || isBakeSaid) return
    isBakeSaid = true
    sayDetail(
      `       all tasks run it; ECS goes back if one of these alarms goes into ALARM now: ${alarmNames.join(', ')}`,
    )
  }

  async function judge({ deployments, events }: Service): Promise<Verdict | undefined> {
    const fresh = { deployments, events: events.filter(({ id }) => !before.has(id)) }
    // describe-services is enough while all goes well
    if (!isUnclear(fresh, taskDefinition)) return verdictOn(fresh, taskDefinition)
    const history = await listServiceDeployments({ names }, new Date(began.getTime() - 1000))
    const ours = history.find((deployment) => deployment.taskDefinition === taskDefinition)
    return await addAlarms(verdictOn(fresh, taskDefinition, history), ours)
  }
}
