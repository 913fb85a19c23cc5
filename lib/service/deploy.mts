import type { Target } from '../environment/target.mts'
import { isImage, type Image } from '../image/image.mts'
import { pointLatestAt } from '../image/repository.mts'
import { invocation, invocationWith } from '../script/command-line.mts'
import { exitCodes, Failure, Unanswered } from '../script/failure.mts'
import { begin, currentJob, isDryRun, isSurvivable } from '../script/job.mts'
import { say, step } from '../script/narration.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { followRollout } from './rollout.mts'
import { revisionName, revisionNumber, type RunningRelease } from './service.mts'
import { sameTasks, type TaskDefinition } from './task-definition.mts'
import { findFault, type Expected } from './tasks.mts'
import { verdictOn, primaryOf, type Verdict } from './verdict.mts'

/** Whether the service runs, or is about to run, that image with those settings, so that deploying it again would change nothing. */
export async function alreadyRuns(
  running: RunningRelease,
  image: Image,
  definition: (image: string, release: string) => TaskDefinition,
  repositoryName: string,
): Promise<boolean> {
  const reference = running.taskDefinition.containerDefinitions[0]?.image ?? ''
  return runsTasks(running, definition(reference, running.release)) && (await isImage(reference, image, repositoryName))
}

/** Whether the service runs, or is about to run, that task definition, image included; the release id may differ. */
export function runsTasks({ service, digest, taskDefinition }: RunningRelease, definition: TaskDefinition): boolean {
  return primaryOf(service)?.rolloutState !== 'FAILED' && digest !== '' && sameTasks(taskDefinition, definition)
}

/**
 * Verifies what the service runs already, and points `latest` at its image beside: a run that stopped after its push has left
 * it on one that never ran. Waits first while its rollout is still under way. Fails as `waitForRollout` and `verifyRollout`.
 */
export async function verifyRunning(target: Target, outputs: StackOutputs, running: RunningRelease): Promise<void> {
  await waitForRollout(target, running.revision, running)
  const pointed = begin(() => pointLatestAtVerified(target, running.digest))
  try {
    await verifyRollout(target, outputs, running, running)
  } finally {
    // a change is not left under way without the lock
    await pointed
  }
}

/** Waits for a rollout and verifies it, a step each. Fails as `waitForRollout` and `verifyRollout`. */
export async function followAndVerify(
  target: Target,
  outputs: StackOutputs,
  expected: Expected,
  previous: RunningRelease | undefined,
): Promise<void> {
  await step('Wait until ECS has started the tasks', () => waitForRollout(target, expected.revision, previous))
  await step('Verify that the tasks are healthy and answer', () => verifyRollout(target, outputs, expected, previous))
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
    (isUnchanged ? verdictOn(previous.service, revision) : undefined) ??
    (await followOrHandOver(target, revision, previous))
  if (verdict.verdict !== 'deployed') {
    const { concludeFailedRollout } = await import('./failed-rollout.mts')
    throw await concludeFailedRollout(target, revision, verdict, previous)
  }
  say(`rolled out: ${revisionName(revision)}, ${verdict.reason}`)
}

/**
 * Verifies that it is what answers. Where something else is seen, restores the revision that ran before, and fails as
 * `waitForRollout`. Where a question was not answered, leaves it alone and fails as "not verified" (exit 6).
 */
export async function verifyRollout(
  target: Target,
  outputs: StackOutputs,
  expected: Expected,
  previous: RunningRelease | undefined,
): Promise<void> {
  if (isDryRun()) return
  const { revision } = expected
  const fault = await findFault(target, outputs, expected).catch((error: unknown) => {
    throw isSurvivable(error) ? notVerifiedFailure(revision, error) : error
  })
  if (fault) {
    const { restorePrevious } = await import('./failed-rollout.mts')
    throw await restorePrevious(target, outputs, revision, fault, previous)
  }
  say(`deployed: ${revisionName(revision)}, verified`)
}

/** Points `latest` at the image of a release that runs: whether that works changes nothing about the release. */
export async function pointLatestAtVerified(target: Target, digest: string): Promise<void> {
  try {
    await pointLatestAt(target, digest)
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: latest may name another image than the one that runs: ${error.message}`)
  }
}

/** Where a question about a revision that runs was not answered. */
export function notVerifiedFailure(revision: string, error: Failure): Failure {
  const { message, remedy } = error
  const isTransient = error instanceof Unanswered && error.isTransient
  const again = isTransient ? 're-run the same command in a minute' : `${remedy}; then re-run the same command`
  return new Failure(
    `not verified: ${revisionName(revision)} runs and was left alone: ${message}`,
    `${again}; it only verifies what runs`,
    exitCodes['not verified'],
  )
}

/** On Ctrl-C, says that ECS continues and how to follow or undo it. */
async function followOrHandOver(
  target: Target,
  revision: string,
  previous: RunningRelease | undefined,
): Promise<Verdict> {
  try {
    return await followRollout(target, revision, { seen: previous?.service.events })
  } catch (error) {
    if (currentJob().signal.aborted) {
      const { environment } = target
      const back = previous && previous.revision !== revision ? `, ${undoCommand(target, previous)} undoes it` : ''
      say(`ECS continues with ${revisionName(revision)}: ${invocation('watch', environment)} follows it${back}`)
    }
    throw error
  }
}

/** The command that sets the service back to what it ran until now, or, where that revision is gone, lists the others. */
export function undoCommand(
  { environment }: Pick<Target, 'environment'>,
  { revision, deregistered }: { revision: string; deregistered: boolean },
): string {
  return deregistered
    ? `${invocation('revisions', environment)} to choose a revision; ${revisionName(revision)} was deregistered`
    : invocationWith('rollback', environment, 'REV', revisionNumber(revision))
}
