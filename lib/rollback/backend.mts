import type { Place, Target } from '../environment/target.mts'
import { noteInRecord, recordBeforeChange, recordStage } from '../ledger/deployment.mts'
import { listRecordsOrWarn, listReleaseRecords } from '../ledger/ledger.mts'
import { badEnd, unfinishedRollback, type ComponentRecord, type ReleaseRecord } from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { isDryRun } from '../script/job.mts'
import { say, step, beginStage } from '../script/narration.mts'
import { printChangedSettings } from '../service/changed-settings.mts'
import { followAndVerify, pointLatestAtVerified, verifyRunning } from '../service/deploy.mts'
import {
  deployService,
  describeService,
  readReleaseOf,
  revisionName,
  type RunningRelease,
  type Service,
} from '../service/service.mts'
import { sayIfUnwatched } from '../service/table.mts'
import { applicationTable, tableInUse } from '../service/task-definition.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { requirePreviousRevision, requireUsableRevision, type UsableRevision } from './revision.mts'

export interface BackendRollback {
  running: RunningRelease
  /** What the service is set back to. */
  previous: UsableRevision
  /** The service is set to it already: it is only verified. */
  unchanged: boolean
  /** Id of the release that is rolled back, or the name of its revision. */
  rollbackOf: string
  /** How the deployment of that revision ended, when it never came up. */
  ended?: ComponentRecord
}

/** What the service runs. Fails when there is no service. */
export async function requireRunningBackend(target: Place): Promise<RunningRelease> {
  return await readReleaseOf(await requireService(target))
}

async function requireService({ environment, names }: Place): Promise<Service> {
  const service = await describeService({ names })
  if (service) return service
  throw new Failure(`${environment} has no service ${names.service}`, invocation('all', environment))
}

/**
 * What the service runs, and what it would be set back to. Fails when that is impossible.
 * @param number of the revision; without it, the last verified one before the current one
 */
export async function planRollback(target: Place, number: number | undefined): Promise<BackendRollback> {
  // side by side: each of these is a process or two
  if (number !== undefined) {
    const [running, previous, records] = await Promise.all([
      requireRunningBackend(target),
      requireUsableRevision(target, number),
      listRecordsOrWarn(target, 'whether that revision ever came up'),
    ])
    return backendRollback(running, previous, records)
  }
  const [service, records = []] = await Promise.all([requireService(target), listReleaseRecords(target)])
  const before = requirePreviousRevision(target, records, service.taskDefinition)
  const [running, previous] = await Promise.all([readReleaseOf(service), requireUsableRevision(target, before)])
  return backendRollback(running, previous, records)
}

export function backendRollback(
  running: RunningRelease,
  previous: UsableRevision,
  records: ReleaseRecord[],
): BackendRollback {
  const unchanged = previous.revision === running.revision
  const ended = badEnd(records, previous.revision, previous.release)
  const continued = unchanged ? unfinishedRollback(records)?.rollbackOf : undefined
  const rollbackOf = continued ?? (running.release || revisionName(running.revision))
  return { running, previous, unchanged, rollbackOf, ...(ended ? { ended } : {}) }
}

/** Shows what a rollback changes. */
export function printRollback({
  running,
  previous: { revision, taskDefinition, release, digest },
  unchanged,
  ended,
}: BackendRollback): void {
  if (unchanged) return say(`unchanged: the service already runs ${revisionName(revision)}; it is only verified`)
  beginStage(`Rollback: ${revisionName(running.revision)} → ${revisionName(revision)}`)
  say(`release    ${running.release || '(none)'} → ${release || '(none)'}`)
  say(digest === running.digest ? `image      ${digest} stays` : `image      ${running.digest} → ${digest}`)
  printChangedSettings(running.taskDefinition, taskDefinition)
  const [now, then] = [running.taskDefinition, taskDefinition].map(applicationTable)
  if (now !== then) say(`warning: ${revisionName(revision)} uses the table ${then}: what is only in ${now} is not seen`)
  if (ended) say(`warning: ${revisionName(revision)} never came up: ${ended.reason ?? ended.status}`)
}

/** Sets the service back, waits for the rollout and verifies it. */
export async function rollBackBackend(
  target: Target,
  outputs: StackOutputs,
  { running, previous, unchanged }: BackendRollback,
): Promise<void> {
  const { digest, revision: taskDefinition, release } = previous
  await recordStage('backend', async () => {
    noteInRecord({ digest, taskDefinition, release })
    if (unchanged) {
      await step('Verify that the tasks are healthy and answer', () => verifyRunning(target, outputs, running))
      noteInRecord({ status: 'unchanged' })
    } else {
      await recordBeforeChange()
      await step(`Set the service to ${revisionName(taskDefinition)}`, () =>
        deployService(target, outputs, taskDefinition, running.service, { watched: false }),
      )
      if (isDryRun()) return
      await followAndVerify(target, outputs, previous, running)
      await pointLatestAtVerified(target, digest)
    }
    if (!isDryRun()) sayIfUnwatched(target, outputs, tableInUse(target, outputs, previous))
  })
}
