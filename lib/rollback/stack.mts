import { join } from 'node:path'
import type { Place, Target } from '../environment/target.mts'
import { noteInRecord, recordBeforeChange, recordStage } from '../ledger/deployment.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import {
  infrastructureCommit,
  isUnfinished,
  isVerified,
  liveAfter,
  previousVerified,
  type ReleaseRecord,
} from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { supersededFailure } from '../service/still.mts'
import { deployStack, undoOperation, type StackOf } from '../stack/cdk.mts'
import { describeStack } from '../stack/stack.mts'

interface StackRollback {
  /** Id of the release whose infrastructure is restored. */
  release: string
  /** Full sha. */
  commit: string
  /** Id of the release that is rolled back; undefined when the ledger does not know it. */
  rollbackOf: string | undefined
  /** Id of the release that deployed the current infrastructure, if that is another commit. */
  current: string | undefined
  /** Commit that the stack is of, with `-dirty` when it had uncommitted changes; undefined when the ledger does not know it. */
  live: string | undefined
}

/**
 * The infrastructure to return to, from records that are newest first: what was live after the requested release, or else
 * the verified one before the current one. CloudFormation undoes a deployment that fails: after one, the current
 * infrastructure itself is the answer. Fails when the ledger has none.
 */
export function planStackRollback(
  { environment, names }: Place,
  records: ReleaseRecord[],
  requested: string | undefined,
): StackRollback {
  const choose = `${invocation('releases', environment)} lists the releases; name one`
  const latest = latestDeployment(records)
  const current = liveAfter(records).infrastructure?.record
  const found =
    requested === undefined ? previousOne(records, latest, current) : liveAfterRelease(records, environment, requested)
  const commit = found && infrastructureCommit(found)
  if (!found || !commit) {
    throw new Failure(
      requested !== undefined
        ? `the ledger does not say which infrastructure was live after ${requested}`
        : current
          ? `the ledger has no infrastructure before commit ${infrastructureCommit(current).slice(0, 7)}, the current one of ${names.stack}`
          : `the ledger of ${environment} has no verified release of the infrastructure`,
      choose,
    )
  }
  if (latest && latest !== current) say(`release ${latest.id} deployed the infrastructure last: ${latest.verdict}`)
  const [sha = '', ...changes] = commit.split('-')
  if (changes.length > 0) {
    say(`warning: ${found.id} was deployed with uncommitted changes; only its commit ${sha.slice(0, 7)} is restored`)
  }
  const live = current && infrastructureCommit(current)
  const isCurrent = current && commit === live
  if (isCurrent)
    say(`commit ${sha.slice(0, 7)} is the current one, by ${current.id}: the diff shows what changed since`)
  // CloudFormation may have continued after a run that was stopped
  const deployed = latest && latest !== current && isUnfinished(latest) ? infrastructureCommit(latest) : live
  const id = isCurrent ? undefined : current?.id
  return { release: found.id, commit: sha, rollbackOf: latest?.id, current: id, live: deployed }
}

/** The last run that was about the infrastructure, however it ended. */
export function latestDeployment(records: ReleaseRecord[]): ReleaseRecord | undefined {
  return records.find(({ components }) => components.infrastructure)
}

/** Fails as superseded (exit 4) where another run has deployed the infrastructure since that one, which was the last. */
export async function requireStillLatest(target: Place, planned: string | undefined): Promise<void> {
  if (isDryRun()) return
  const latest = latestDeployment((await listReleaseRecords(target)) ?? [])?.id
  if (latest === planned) return
  throw supersededFailure(
    target,
    `release ${latest ?? '(none)'} deployed the infrastructure by now; nothing was changed`,
  )
}

function previousOne(
  records: ReleaseRecord[],
  latest?: ReleaseRecord,
  current?: ReleaseRecord,
): ReleaseRecord | undefined {
  if (latest === current || !current) {
    return current && previousVerified(records, 'infrastructure', infrastructureCommit(current))
  }
  if (latest?.rollbackOf === undefined) return current
  // a rollback that ended before it was verified: where it was going to, and not forward again
  const commit = infrastructureCommit(latest)
  const isThere = (record: ReleaseRecord) =>
    isVerified(record.components.infrastructure) && infrastructureCommit(record) === commit
  return records.find(isThere) ?? current
}

function liveAfterRelease(records: ReleaseRecord[], environment: string, release: string): ReleaseRecord | undefined {
  const place = records.findIndex(({ id }) => id === release)
  if (place >= 0) return liveAfter(records.slice(place)).infrastructure?.record
  throw new Failure(
    `the ledger of ${environment} has no release ${release}`,
    `${invocation('releases', environment)} lists them`,
  )
}

/** Deploys the stack of the app in `directory`, where `commit` is checked out. */
export async function deployStackOf(commit: string, directory: string, target: StackOf): Promise<void> {
  await recordStage('infrastructure', async () => {
    const before = await describeStack(target.names.stack)
    await recordBeforeChange({ commit })
    await deployStack(target, before, join(directory, 'infrastructure'))
  })
}

/** Records that the stack is of that commit: a run that was killed has not written it down. */
export async function recordStackOf(commit: string): Promise<void> {
  await recordStage('infrastructure', async () => noteInRecord({ commit, status: 'unchanged' }))
}

/**
 * Undoes an operation that stopped half-way, and prints the state of the stack afterwards.
 * @param commit of the stack afterwards; empty when the ledger does not know it
 */
export async function undoFailedOperation(target: Target, commit: string): Promise<void> {
  const { environment, names } = target
  await recordStage('infrastructure', async () => {
    await recordBeforeChange({ commit })
    await undoOperation(target)
  })
  if (isDryRun()) return
  const stack = await describeStack(names.stack)
  // of a first creation, RollbackStack leaves nothing, or an empty stack that cdk removes
  const exists = stack && stack.StackStatus !== 'ROLLBACK_COMPLETE'
  say(
    exists
      ? `the stack ${names.stack} is in ${stack.StackStatus}, as before the change that failed`
      : `the first creation of ${names.stack} was undone; create it again: ${invocation('infrastructure', environment)}`,
  )
}
