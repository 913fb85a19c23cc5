import { differences } from '../script/differences.mts'
import { Failure } from '../script/failure.mts'
import { pointLatestAt } from '../image/image.mts'
import { noteInRecord, recordStage } from '../ledger/deployment.mts'
import { isDryRun } from '../script/job.mts'
import { invocation } from '../script/invocation.mts'
import { recordsForRemark } from '../ledger/ledger.mts'
import { say, title } from '../script/narration.mts'
import { badEnd, type ComponentRecord } from '../ledger/record.mts'
import { usableRevision, verifiedBefore, type UsableRevision } from './revision.mts'
import { runningRelease, type RunningRelease } from '../service/running-release.mts'
import { deployService, revisionName } from '../service/service.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'
import { comparable } from '../service/task-definition.mts'
import { followAndProve } from '../service/deploy.mts'

export interface BackendRollback {
  running: RunningRelease
  wanted: UsableRevision
  /** How the deployment of that revision ended, where it never came up. */
  ended?: ComponentRecord
}

/** What the service runs. Fails when there is none. */
export async function runningBackend({ environment, names }: Pick<Target, 'environment' | 'names'>) {
  const running = await runningRelease({ names })
  if (running) return running
  throw new Failure(`${environment} has no service ${names.service}`, invocation('backend', environment))
}

/** What the service runs, and what it would be set to. Fails when that cannot be, or changes nothing. */
export async function planRollback(
  target: Target,
  number: number | undefined,
  known?: RunningRelease,
): Promise<BackendRollback> {
  const running = known ?? (await runningBackend(target))
  // what the ledger itself chose has been proven
  const isChosen = number !== undefined && known === undefined
  const [wanted, records] = await Promise.all([
    usableRevision(target, number ?? (await verifiedBefore(target, running))),
    isChosen ? recordsForRemark(target, 'how that revision did before') : [],
  ])
  if (wanted.revision === running.revision) {
    throw new Failure(
      `${revisionName(running.revision)} is what the service runs already`,
      `${invocation('revisions', target.environment)} lists the others`,
    )
  }
  const ended = badEnd(records, wanted.revision, wanted.release)
  return { running, wanted, ...(ended ? { ended } : {}) }
}

/** Shows what a rollback changes. */
export function printRollback({
  running,
  wanted: { revision, taskDefinition, release, digest },
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

/** Sets the service to the revision, follows it to its verdict and proves it. */
export async function rollBackBackend(
  target: Target,
  outputs: StackOutputs,
  { running, wanted }: BackendRollback,
): Promise<void> {
  await recordStage('backend', async () => {
    await deployService(target, outputs, wanted.revision, running.service)
    if (isDryRun()) return
    await followAndProve(target, outputs, wanted, running)
    await pointLatestAt(target, wanted.digest)
    noteInRecord({ digest: wanted.digest, taskDefinition: wanted.revision, release: wanted.release })
  })
}
