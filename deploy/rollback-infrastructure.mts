#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Rolls the stack of an environment back: undoes an operation that failed half-way, or deploys the previous commit.
 *
 *   ./deploy/rollback-infrastructure.mts <environment> [<release>] [--dry-run] [--yes] [--verbose]
 *   npm run rollback-infrastructure production     make rollback-infrastructure ENV=production
 *                                                  make rollback-infrastructure ENV=staging RELEASE=20261123T101500Z-1a2b3c4
 *
 *   environment   development, staging, production or local
 *   release       roll back to the stack as it was after this one; without it, after the previous verified one
 *   --dry-run     check everything, show the diff and every command, change nothing
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * For a stack that is stuck (UPDATE_FAILED, CREATE_FAILED, UPDATE_ROLLBACK_FAILED) it runs `cdk rollback`, which undoes
 * what was left half-way. For a healthy one it checks the older commit out in a temporary worktree, shows its `cdk diff`,
 * and deploys it from there, with the settings of that commit: it prints those that change. Backend and site stay as they
 * are. (The documented `cdk deploy --rollback` is something else: it deploys this checkout, and undoes that when it fails.)
 */
import { join } from 'node:path'
import { pinnedCdk, requireTools } from '../lib/check/tools.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmProduction } from '../lib/ledger/guards.mts'
import { listReleaseRecords } from '../lib/ledger/ledger.mts'
import { infrastructureCommit, liveAfter } from '../lib/ledger/record.mts'
import { compareSettings } from '../lib/rollback/settings.mts'
import {
  deployStackOf,
  latestDeployment,
  planStackRollback,
  recordStackOf,
  requireStillLatest,
  undoFailedOperation,
} from '../lib/rollback/stack.mts'
import { runInWorktree } from '../lib/rollback/worktree.mts'
import { invocation, invocationWith } from '../lib/script/command-line.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo, say, beginStage } from '../lib/script/narration.mts'
import { findRestoredTable } from '../lib/service/table.mts'
import { parseReleaseId } from '../lib/site/release.mts'
import { hasChanges, diffStack } from '../lib/stack/cdk.mts'
import { isPaused, requireStackWithPast } from '../lib/stack/state.mts'

await main(import.meta, async (argv) => {
  const { environment, release: text, yes } = parseArguments(argv, ['dry-run', 'yes', 'verbose'], ['release'])
  const wanted = text === undefined ? undefined : parseReleaseId(text)
  requireTools([pinnedCdk()])
  const target = await resolveTarget(environment)
  const { stack } = target.names
  const state = await requireStackWithPast(target)
  const records = (await listReleaseRecords(target)) ?? []

  if (isPaused(state)) {
    beginStage(`Rollback of ${stack}: it is stuck in ${state.StackStatus}`)
    await confirmProduction(environment, yes)
    const live = liveAfter(records).infrastructure?.record
    const commit = live ? infrastructureCommit(live) : ''
    const rollbackOf = latestDeployment(records)?.id
    await recordUnlessOvertaken(target, rollbackOf, () => undoFailedOperation(target, commit))
    if (wanted && !isDryRun()) say(`the stack can be deployed again: re-run the same command to roll back to ${wanted}`)
    return
  }

  const { release, commit, rollbackOf, current, live } = planStackRollback(target, records, wanted)
  beginStage(`Rollback of ${stack} to what ${release} brought, commit ${commit.slice(0, 7)}`)
  const watching = { ...target, restoredTable: await findRestoredTable(target, state) }
  await runInWorktree(target, commit, async (directory) => {
    await compareSettings(target, live, directory)
    const diff = await diffStack(watching, join(directory, 'infrastructure'))
    say(diff)
    if (!hasChanges(diff)) {
      if (current) await recordUnlessOvertaken(target, rollbackOf, () => recordStackOf(commit))
      const older = wanted ? '' : `; ${invocation('releases', environment)} lists older ones`
      return say(`${stack} already matches commit ${commit.slice(0, 7)}: nothing to change${older}`)
    }
    await confirmProduction(environment, yes)
    await recordUnlessOvertaken(target, rollbackOf, () => deployStackOf(commit, directory, watching))
    if (isDryRun()) return
    say(`${stack} matches commit ${commit.slice(0, 7)} again; backend and site stay as they are`)
    if (current) offerUndo(invocationWith('rollback-infrastructure', environment, 'RELEASE', current))
  })
})

async function recordUnlessOvertaken(target: Target, rollbackOf: string | undefined, work: () => Promise<void>) {
  await lockAndRecord(target, { verb: 'rollback-infrastructure', rollbackOf }, async () => {
    await requireStillLatest(target, rollbackOf)
    await work()
  })
}
