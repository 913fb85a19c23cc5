import { addToSummary, failureBlock } from './failure-block.mts'
import { Failure } from '../script/failure.mts'
import { pointLatestAt } from '../image/image.mts'
import { invocation, settingLine } from '../script/invocation.mts'
import { currentJob } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { proveBackend, type Expected } from './proof.mts'
import { followRollout } from './rollout.mts'
import { runningRelease, type RunningRelease } from './running-release.mts'
import { deployService, describeService, logsCommand, revisionName, undo, type Service } from './service.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'
import { exitCodes, judged, type Verdict } from './verdict.mts'

/**
 * Follows a rollout until it is decided and proves that it is what answers. Where it is not, the revision that ran before
 * is restored, by ECS or from here, `latest` is pointed at what runs, and the Failure that is thrown carries the verdict,
 * its exit code and, as its details, why.
 * @param previous what the service ran before; undefined when it was created
 */
export async function followAndProve(
  target: Target,
  outputs: StackOutputs,
  expected: Expected,
  previous: RunningRelease | undefined,
): Promise<void> {
  const { revision } = expected
  const isUnchanged = previous?.revision === revision
  const verdict =
    (isUnchanged ? judged(previous.service, revision) : undefined) ?? (await followedHere(target, revision, previous))
  if (verdict.verdict !== 'deployed') throw await failed(target, revision, verdict, previous)
  say(`rolled out: ${revisionName(revision)}, ${verdict.reason}`)
  try {
    await proveBackend(target, outputs, expected)
  } catch (error) {
    if (!(error instanceof Failure) || currentJob().signal.aborted) throw error
    throw await unproven(target, outputs, revision, error, previous)
  }
  say(`deployed: ${revisionName(revision)}, ${verdict.reason}, verified`)
}

/** Where Ctrl-C ends the following, it says what goes on without us. */
async function followedHere(target: Target, revision: string, previous: RunningRelease | undefined): Promise<Verdict> {
  try {
    return await followRollout(target, revision, previous?.service.events)
  } catch (error) {
    if (currentJob().signal.aborted) {
      const { environment } = target
      const back = previous && previous.revision !== revision ? `, ${undo(target, previous)} takes it back` : ''
      say(`ECS goes on to ${revisionName(revision)}: ${invocation('watch', environment)} follows it${back}`)
    }
    throw error
  }
}

/** ECS is content and the proof is not: back to what ran before. */
async function unproven(
  target: Target,
  outputs: StackOutputs,
  revision: string,
  { message }: Failure,
  previous: RunningRelease | undefined,
): Promise<Failure> {
  const reason = `the proof failed: ${message}`
  const service = await describeService(target)
  const newer = service && judged(service, revision)
  // not ours to undo
  if (newer?.verdict === 'superseded') return await failed(target, revision, newer, previous)
  const block = await failureBlock(target, revision, previous, service)
  if (!service || !previous || previous.revision === revision || !isGood(previous)) {
    return await failed(target, revision, { verdict: 'failed', reason }, previous, block)
  }
  say(`${reason}; going back to ${revisionName(previous.revision)}`)
  await deployService(target, outputs, previous.revision, service)
  const back = await followRollout(target, previous.revision, service.events)
  const verdict: Verdict =
    back.verdict === 'deployed'
      ? { verdict: 'rolled back', reason }
      : {
          verdict: 'failed',
          reason: `${reason}; going back to ${revisionName(previous.revision)}: ${back.verdict}: ${back.reason}`,
        }
  return await failed(target, revision, verdict, previous, block)
}

/** ECS saw it come up; what never did is nothing to go back to. */
function isGood({ service }: RunningRelease): boolean {
  return service.deployments.some(({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'COMPLETED')
}

async function failed(
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
    return new Failure(fact, `go on watching with: ${invocation('watch', environment)}`, exitCode)
  }
  const service = known || verdict === 'superseded' ? undefined : await describeService(target)
  const block = known ?? (verdict === 'superseded' ? [] : await failureBlock(target, revision, previous, service))
  if (block.length > 0) say(block.join('\n'))
  const now = await latestIsWhatRuns(target, revision)
  const whole = now ? `${fact}; ${now} is what the service runs` : fact
  addToSummary(whole, block)
  return new Failure(whole, remedyOf(verdict, target, service), exitCode, block)
}

function remedyOf(verdict: Verdict['verdict'], target: Target, service: Service | undefined): string {
  const { environment } = target
  if (verdict === 'superseded') return `watch the newer one with: ${invocation('watch', environment)}`
  return service?.desiredCount === 0 ? settingLine('scale', environment, 'COUNT', '1') : logsCommand(target)
}

/** `latest` names what runs, not what was tried. Returns the revision that the service is set to, if it is another. */
async function latestIsWhatRuns(target: Target, tried: string): Promise<string | undefined> {
  try {
    const running = await runningRelease(target)
    if (!running || running.revision === tried) return undefined
    if (running.digest && (await pointLatestAt(target, running.digest))) {
      say(`${revisionName(running.revision)} is what runs; latest names its image again`)
    }
    return revisionName(running.revision)
  } catch (error) {
    if (!(error instanceof Failure) || currentJob().signal.aborted) throw error
    say(`warning: latest may name an image that does not run: ${error.message}`)
    return undefined
  }
}
