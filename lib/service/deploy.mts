import type { Target } from '../environment/target.mts'
import { pointLatestAt } from '../image/image.mts'
import { invocation, settingLine } from '../script/command-line.mts'
import { exitCodes, Failure } from '../script/failure.mts'
import { currentJob, isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { followRollout } from './rollout.mts'
import {
  deployService,
  describeService,
  logsCommand,
  revisionName,
  runningRelease,
  undoCommand,
  type RunningRelease,
  type Service,
} from './service.mts'
import { verifyBackend, type Expected } from './tasks.mts'
import { judged, type Verdict } from './verdict.mts'

/** Verifies what the service runs already; waits first while its rollout is still under way. Fails as the two functions below. */
export async function verifyRunning(target: Target, outputs: StackOutputs, running: RunningRelease): Promise<void> {
  await followAndVerify(target, outputs, running, running)
}

/** Waits for a rollout and verifies it, as the two functions below. */
export async function followAndVerify(
  target: Target,
  outputs: StackOutputs,
  expected: Expected,
  previous: RunningRelease | undefined,
): Promise<void> {
  await waitForRollout(target, expected.revision, previous)
  await verifyRollout(target, outputs, expected, previous)
}

/**
 * Follows a rollout until ECS has decided. Where it does not come up, ECS restores the revision that ran before, `latest`
 * is pointed at the running image, and the Failure that is thrown carries the verdict, its exit code and, as its details, why.
 * @param previous what the service ran before; undefined when it was created
 */
export async function waitForRollout(
  target: Target,
  revision: string,
  previous: RunningRelease | undefined,
): Promise<void> {
  if (isDryRun()) return
  const isUnchanged = previous?.revision === revision
  const verdict =
    (isUnchanged ? judged(previous.service, revision) : undefined) ??
    (await followOrHandOver(target, revision, previous))
  if (verdict.verdict !== 'deployed') throw await reportAndExplain(target, revision, verdict, previous)
  say(`rolled out: ${revisionName(revision)}, ${verdict.reason}`)
}

/** Verifies that it is what answers. Where it is not, restores the revision that ran before, and fails as `waitForRollout`. */
export async function verifyRollout(
  target: Target,
  outputs: StackOutputs,
  expected: Expected,
  previous: RunningRelease | undefined,
): Promise<void> {
  if (isDryRun()) return
  const { revision } = expected
  try {
    await verifyBackend(target, outputs, expected)
  } catch (error) {
    if (!(error instanceof Failure) || currentJob().signal.aborted) throw error
    throw await restorePrevious(target, outputs, revision, error, previous)
  }
  say(`deployed: ${revisionName(revision)}, verified`)
}

/** On Ctrl-C, says that ECS continues and how to follow or undo it. */
async function followOrHandOver(
  target: Target,
  revision: string,
  previous: RunningRelease | undefined,
): Promise<Verdict> {
  try {
    return await followRollout(target, revision, previous?.service.events)
  } catch (error) {
    if (currentJob().signal.aborted) {
      const { environment } = target
      const back = previous && previous.revision !== revision ? `, ${undoCommand(target, previous)} undoes it` : ''
      say(`ECS continues with ${revisionName(revision)}: ${invocation('watch', environment)} follows it${back}`)
    }
    throw error
  }
}

/** ECS reports success but our checks fail: rolls back. Returns the Failure to throw. */
async function restorePrevious(
  target: Target,
  outputs: StackOutputs,
  revision: string,
  { message }: Failure,
  previous: RunningRelease | undefined,
): Promise<Failure> {
  const reason = `verification failed: ${message}`
  const service = await describeService(target)
  const newer = service && judged(service, revision)
  // someone else's deployment is not ours to undo
  if (newer?.verdict === 'superseded') return await reportAndExplain(target, revision, newer, previous)
  const { explainFailure } = await import('./failure-block.mts')
  const block = await explainFailure(target, revision, previous, service)
  if (!service || !previous || previous.revision === revision || !cameUp(previous)) {
    return await reportAndExplain(target, revision, { verdict: 'failed', reason }, previous, block)
  }
  say(`${reason}; rolling back to ${revisionName(previous.revision)}`)
  await deployService(target, outputs, previous.revision, service)
  const back = await followRollout(target, previous.revision, service.events)
  const verdict: Verdict =
    back.verdict === 'deployed'
      ? { verdict: 'rolled back', reason }
      : {
          verdict: 'failed',
          reason: `${reason}; rolling back to ${revisionName(previous.revision)}: ${back.verdict}: ${back.reason}`,
        }
  return await reportAndExplain(target, revision, verdict, previous, block)
}

/** Whether ECS saw it come up: there is no way back to a revision that never did. */
function cameUp({ service }: RunningRelease): boolean {
  return service.deployments.some(({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'COMPLETED')
}

/** Prints why, points `latest` at the running image, adds it all to the CI job's summary, and returns the Failure to throw. */
async function reportAndExplain(
  target: Target,
  revision: string,
  { verdict, reason }: Verdict,
  previous: RunningRelease | undefined,
  known?: string[],
): Promise<Failure> {
  const { environment } = target
  const fact = `${verdict}: ${revisionName(revision)}: ${reason.replace(/\.$/, '')}`
  const exitCode = exitCodes[verdict]
  if (verdict === 'still running') {
    return new Failure(fact, `continue to watch: ${invocation('watch', environment)}`, exitCode)
  }
  const { addToSummary, explainFailure } = await import('./failure-block.mts')
  const service = known || verdict === 'superseded' ? undefined : await describeService(target)
  const block = known ?? (verdict === 'superseded' ? [] : await explainFailure(target, revision, previous, service))
  if (block.length > 0) say(block.join('\n'))
  const now = await pointLatestAtRunning(target, revision)
  const message = now ? `${fact}; the service runs ${now}` : fact
  addToSummary(message, block)
  return new Failure(message, remedyOf(verdict, target, service), exitCode, block)
}

function remedyOf(verdict: Verdict['verdict'], target: Target, service: Service | undefined): string {
  const { environment } = target
  if (verdict === 'superseded') return `watch the newer one: ${invocation('watch', environment)}`
  return service?.desiredCount === 0 ? settingLine('scale', environment, 'COUNT', '1') : logsCommand(target)
}

/** `latest` must name the image that runs, not the one that failed. Returns the revision that the service is set to, if it is another. */
async function pointLatestAtRunning(target: Target, tried: string): Promise<string | undefined> {
  try {
    const running = await runningRelease(target)
    if (!running || running.revision === tried) return undefined
    if (running.digest && (await pointLatestAt(target, running.digest))) {
      say(`${revisionName(running.revision)} runs; latest names its image again`)
    }
    return revisionName(running.revision)
  } catch (error) {
    if (!(error instanceof Failure) || currentJob().signal.aborted) throw error
    say(`warning: latest may name an image that does not run: ${error.message}`)
    return undefined
  }
}
