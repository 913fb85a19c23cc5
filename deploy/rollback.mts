#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Rolls the backend of an environment back to an earlier revision: its image and its settings.
 *
 *   ./deploy/rollback.mts <environment> [<revision>] [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run rollback production 12                 make rollback REV=12
 *   npm run rollback staging                       make rollback ENV=staging
 *
 *   environment   development, staging, production or local; with make, production unless ENV names another
 *   revision      a number from deploy/revisions.mts; without it, the last verified release before the one that runs
 *   --dry-run     check everything, show every command, change nothing
 *   --force       roll back even while a quiz is live
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Checks everything before it changes anything: revision, image, roles, log group. Supersedes a rollout under way; a run
 * that follows it holds the lock, and deploy/unlock.mts stops that run.
 * Follows and verifies the rollout like any other, and points `latest` at the image again. It deregisters nothing, so you
 * can undo a rollback too. Exit codes are those of a deployment.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { requireTarget, selectEnvironment } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmProduction, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { planRollback, printRollback, rollBackBackend } from '../lib/rollback/backend.mts'
import { parseRevisionNumber } from '../lib/rollback/revision.mts'
import { begin, isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo } from '../lib/script/narration.mts'
import { undoCommand } from '../lib/service/deploy.mts'
import { requireStill } from '../lib/service/still.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, revision, ...options } = parseArguments(
    argv,
    ['dry-run', 'force', 'wait-idle', 'yes', 'verbose'],
    ['revision'],
  )
  const number = revision === undefined ? undefined : parseRevisionNumber(revision)
  const place = await selectEnvironment(environment)
  const planning = begin(() => planRollback(place, number))
  const target = await requireTarget(place)
  const [outputs, plan] = await Promise.all([requireStackOutputs(target), planning])
  const { running, rollbackOf, unchanged } = plan
  printRollback(plan)
  await confirmProduction(environment, options.yes)
  if (!unchanged) await requireNoLiveQuiz(target, outputs, options)

  await lockAndRecord(target, { verb: 'rollback', rollbackOf }, async () => {
    await rollBackBackend(target, outputs, { ...plan, running: await requireStill(target, running) })
  })
  if (!isDryRun() && !unchanged) offerUndo(undoCommand(target, running))
})
