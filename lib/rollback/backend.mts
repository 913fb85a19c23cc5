import type { Place, Target } from '../environment/target.mts'
import { pointLatestAt } from '../image/image.mts'
import { noteInRecord, recordStage } from '../ledger/deployment.mts'
import { recordsForRemark } from '../ledger/ledger.mts'
import { badEnd, type ComponentRecord } from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { differences } from '../script/differences.mts'
import { Failure } from '../script/failure.mts'
import { isDryRun } from '../script/job.mts'
import { say, title } from '../script/narration.mts'
import { followAndVerify } from '../service/deploy.mts'
import { deployService, revisionName, runningRelease, type RunningRelease } from '../service/service.mts'
import { comparable } from '../service/task-definition.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { requirePreviousRevision, requireUsableRevision, type UsableRevision } from './revision.mts'

export interface BackendRollback {
  running: RunningRelease
  /** What the service is set back to. */
  previous: UsableRevision
  /** How the deployment of that revision ended, when it never came up. */
  ended?: ComponentRecord
}

/** What the service runs. Fails when there is no service. */
export async function requireRunningBackend({ environment, names }: Place) {
  const running = await runningRelease({ names })
  if (running) return running
  throw new Failure(`${environment} has no service ${names.service}`, invocation('backend', environment))
}

/** What the service runs, and what it would be set back to. Fails when that is impossible, or changes nothing. */
export async function planRollback(
  target: Target,
  number: number | undefined,
  known?: RunningRelease,
): Promise<BackendRollback> {
  const running = known ?? (await requireRunningBackend(target))
  // a revision that the ledger chose has been verified
  const isTyped = number !== undefined && known === undefined
  const [previous, records] = await Promise.all([
    requireUsableRevision(target, number ?? (await requirePreviousRevision(target, running))),
    isTyped ? recordsForRemark(target, 'whether that revision ever came up') : [],
  ])
  if (previous.revision === running.revision) {
    throw new Failure(
      `the service already runs ${revisionName(running.revision)}`,
      `${invocation('revisions', target.environment)} lists the others`,
    )
  }
  const ended = badEnd(records, previous.revision, previous.release)
  return { running, previous, ...(ended ? { ended } : {}) }
}

/** Shows what a rollback changes. */
export function printRollback({
  running,
  previous: { revision, taskDefinition, release, digest },
  ended,
}: BackendRollback): void {
  title(`Rollback: ${revisionName(running.revision)} → ${revisionName(revision)}`)
  say(`release    ${running.release || '(none)'} → ${release || '(none)'}`)
  say(digest === running.digest ? `image      ${digest} stays` : `image      ${running.digest} → ${digest}`)
  const image = /^containerDefinitions\.[^.]*\.image: /
  for (const line of differences(comparable(running.taskDefinition), comparable(taskDefinition))) {
    if (!image.test(line)) say(`setting    ${line}`)
  }
  if (ended) say(`warning: ${revisionName(revision)} never came up: ${ended.reason ?? ended.status}`)
}

/** Sets the service back, waits for the rollout and verifies it. */
export async function rollBackBackend(
  target: Target,
  outputs: StackOutputs,
  { running, previous }: BackendRollback,
): Promise<void> {
  await recordStage('backend', async () => {
    await deployService(target, outputs, previous.revision, running.service)
    if (isDryRun()) return
    await followAndVerify(target, outputs, previous, running)
    await pointLatestAt(target, previous.digest)
    noteInRecord({ digest: previous.digest, taskDefinition: previous.revision, release: previous.release })
  })
}
