import type { Target } from '../environment/target.mts'
import { pointLatestAt } from '../image/repository.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { invocation, invocationWith } from '../script/command-line.mts'
import { exitCodes, Failure } from '../script/failure.mts'
import { isSurvivable, requireMayChange } from '../script/job.mts'
import { say } from '../script/narration.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { explainFailure } from './failure-block.mts'
import { followRollout } from './rollout.mts'
import {
  deployService,
  describeService,
  logsCommand,
  revisionName,
  readRunningRelease,
  type RunningRelease,
  type Service,
} from './service.mts'
import { verdictOn, primaryOf, type Verdict } from './verdict.mts'

/*
 * What follows when a deployment did not end well. The verdict stands by then: a question that is not answered here takes
 * nothing from it.
 */

/** ECS reports success, and something else answers: goes back to the revision that ran before. Returns the Failure to throw. */
export async function restorePrevious(
  target: Target,
  outputs: StackOutputs,
  revision: string,
  { message }: Failure,
  previous: RunningRelease | undefined,
): Promise<Failure> {
  const reason = `verification failed: ${message}`
  const now = await getAnswerOrFailure(() => retryUntilAnswered(() => describeService(target)))
  if (now instanceof Failure) {
    return await concludeFailedRollout(target, revision, failed(`${reason}; ${now.message}`), previous, {
      service: now,
      block: [],
    })
  }
  const verdict = verdictIfOvertaken(now, revision)
  if (verdict || !now || !previous || !canReturnTo(previous, revision)) {
    return await concludeFailedRollout(target, revision, verdict ?? failed(reason), previous, { service: now })
  }
  const block = await explainFailure(target, revision, previous, now)
  const goingBack = `${reason}; rolling back to ${revisionName(previous.revision)}`
  say(goingBack)
  const back = await getAnswerOrFailure(async () => {
    await requireMayChange()
    await deployService(target, outputs, previous.revision, now, { watched: false })
    return await followRollout(target, previous.revision, { seen: now.events })
  })
  const end: Verdict =
    back instanceof Failure
      ? failed(`${goingBack}: ${back.message}`)
      : back.verdict === 'deployed'
        ? { verdict: 'rolled back', reason }
        : failed(`${goingBack}: ${back.verdict}: ${back.reason}`)
  return await concludeFailedRollout(target, revision, end, previous, { service: now, block })
}

function failed(reason: string): Verdict {
  return { verdict: 'failed', reason }
}

/** The verdict where someone else changed the service after its rollout: that is not ours to undo. */
export function verdictIfOvertaken(service: Service | undefined, revision: string): Verdict | undefined {
  if (!service) return failed('the service was deleted')
  const verdict = verdictOn(service, revision)
  return verdict?.verdict === 'deployed' ? undefined : verdict
}

/** Whether the service can be set to it again, and ECS saw it come up: there is no way back to a revision that never did. */
export function canReturnTo({ service, revision, deregistered }: RunningRelease, tried: string): boolean {
  return primaryOf(service)?.rolloutState === 'COMPLETED' && !deregistered && revision !== tried
}

/** What is known already of why it did not end well. */
interface Known {
  /** Undefined: there is none. A Failure: that could not be asked. */
  service: Service | undefined | Failure
  block?: string[]
}

/** Prints why, points `latest` at the running image, and returns the Failure to throw. */
export async function concludeFailedRollout(
  target: Target,
  revision: string,
  { verdict, reason }: Verdict,
  previous: RunningRelease | undefined,
  known?: Known,
): Promise<Failure> {
  const { environment } = target
  const fact = `${verdict}: ${revisionName(revision)}: ${reason.replace(/\.$/, '')}`
  const exitCode = exitCodes[verdict]
  if (verdict === 'still running') {
    const watch = invocation('watch', environment)
    return new Failure(fact, `continue to watch: ${watch}; re-run the same command to verify it`, exitCode)
  }
  const { service, block } = known ?? { service: await getAnswerOrFailure(() => describeService(target)) }
  const seen = service instanceof Failure ? undefined : service
  const why = block ?? (verdict === 'superseded' ? [] : await explainFailure(target, revision, previous, seen))
  if (why.length > 0) say(why.join('\n'))
  const now = await pointLatestAtRunning(target, revision)
  const message = now ? `${fact}; the service runs ${now}` : fact
  return new Failure(message, remedyOf(verdict, target, service), exitCode, why)
}

function remedyOf(verdict: Verdict['verdict'], target: Target, service: Known['service']): string {
  const { environment } = target
  if (verdict === 'superseded') return `watch the newer one: ${invocation('watch', environment)}`
  if (service === undefined) return `create it again: ${invocation('backend', environment)}`
  const isScaledToZero = !(service instanceof Failure) && service.desiredCount === 0
  return isScaledToZero ? invocationWith('scale', environment, 'COUNT', '1') : logsCommand(target)
}

/** `latest` must name the image that runs, not the one that failed. Returns the revision that the service is set to, if it is another. */
async function pointLatestAtRunning(target: Target, tried: string): Promise<string | undefined> {
  let name: string | undefined
  try {
    const running = await readRunningRelease(target)
    if (!running || running.revision === tried) return undefined
    name = revisionName(running.revision)
    if (running.digest && (await pointLatestAt(target, running.digest))) {
      say(`${name} runs; latest names its image again`)
    }
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: latest may name an image that does not run: ${error.message}`)
  }
  return name
}

/** The answer, or the Failure that came in its place. */
async function getAnswerOrFailure<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work()
  } catch (error) {
    if (!isSurvivable(error)) throw error
    return error
  }
}
