import { join } from 'node:path'
import { deployStack, undoOperation } from '../stack/cdk.mts'
import { noteInRecord, recordStage } from '../ledger/deployment.mts'
import { isDryRun } from '../script/job.mts'
import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { say } from '../script/narration.mts'
import { infrastructureCommit, liveAfter, previousVerified, type ReleaseRecord } from '../ledger/record.mts'
import { describeStack } from '../stack/stack.mts'
import type { Target } from '../environment/target.mts'

interface StackRollback {
  /** Id of the release whose infrastructure is restored. */
  release: string
  /** Full sha. */
  commit: string
  /** Id of the release that is taken back, as far as the ledger knows. */
  rollbackOf: string | undefined
  /** Id of the release that brought what is deployed, if that is another commit. */
  current: string | undefined
}

/**
 * What the ledger, newest first, knows to go back to: the infrastructure that was live after the `wanted` release; without
 * it, the verified one before the current one. A deployment that failed has been undone by CloudFormation: then that is
 * the current one. Fails when the ledger knows none.
 */
export function planStackRollback(
  { environment, names }: Pick<Target, 'environment' | 'names'>,
  records: ReleaseRecord[],
  wanted: string | undefined,
): StackRollback {
  const choose = `${invocation('releases', environment)} lists the releases; name one`
  const latest = records.find(({ components }) => components.infrastructure)
  const current = liveAfter(records).infrastructure?.record
  const found = wanted === undefined ? oneBefore(records, latest, current) : liveThen(records, environment, wanted)
  const commit = found && infrastructureCommit(found)
  if (!found || !commit) {
    throw new Failure(
      wanted !== undefined
        ? `the ledger knows no infrastructure that was live after ${wanted}`
        : current
          ? `the ledger knows no infrastructure before that of commit ${infrastructureCommit(current).slice(0, 7)}, which is what ${names.stack} is of`
          : `the ledger of ${environment} knows no verified release of the infrastructure`,
      choose,
    )
  }
  if (latest && latest !== current) say(`the deployment of the infrastructure by ${latest.id} is ${latest.verdict}`)
  const [sha = '', ...changes] = commit.split('-')
  if (changes.length > 0) {
    say(
      `warning: ${found.id} had changes that no commit holds: what comes is its commit ${sha.slice(0, 7)} without them`,
    )
  }
  const isCurrent = current && commit === infrastructureCommit(current)
  if (isCurrent) say(`commit ${sha.slice(0, 7)} is the current one, by ${current.id}: the diff tells what came since`)
  return { release: found.id, commit: sha, rollbackOf: latest?.id, current: isCurrent ? undefined : current?.id }
}

function oneBefore(
  records: ReleaseRecord[],
  latest?: ReleaseRecord,
  current?: ReleaseRecord,
): ReleaseRecord | undefined {
  if (latest !== current || !current) return current
  return previousVerified(records, 'infrastructure', infrastructureCommit(current))
}

function liveThen(records: ReleaseRecord[], environment: string, wanted: string): ReleaseRecord | undefined {
  const place = records.findIndex(({ id }) => id === wanted)
  if (place >= 0) return liveAfter(records.slice(place)).infrastructure?.record
  throw new Failure(
    `the ledger of ${environment} has no release ${wanted}`,
    `${invocation('releases', environment)} lists them`,
  )
}

/** Deploys the stack of the app in `directory`, where `commit` is checked out. */
export async function deployStackOf(commit: string, directory: string, target: Target): Promise<void> {
  await recordStage('infrastructure', async () => {
    await deployStack(target, await describeStack(target.names.stack), join(directory, 'infrastructure'))
    noteInRecord({ commit })
  })
}

/**
 * Undoes what was left half-way, and says what the stack is then.
 * @param commit that the stack is of afterwards, as far as the ledger knows
 */
export async function undoFailedOperation(target: Target, commit: string): Promise<void> {
  const { environment, names } = target
  await recordStage('infrastructure', async () => {
    await undoOperation(target)
    noteInRecord({ commit })
  })
  if (isDryRun()) return
  const stack = await describeStack(names.stack)
  // without anything before it, RollbackStack leaves nothing, or the empty shell that cdk removes
  const isSomething = stack && stack.StackStatus !== 'ROLLBACK_COMPLETE'
  say(
    isSomething
      ? `the stack ${names.stack} is in ${stack.StackStatus}: as it was before the change that failed`
      : `the first creation of ${names.stack} was undone: ${invocation('infrastructure', environment)} begins anew`,
  )
}
