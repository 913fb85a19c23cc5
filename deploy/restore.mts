#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Brings back the application's data as it was at a moment: quizzes, events, players, answers. AWS restores the table into a
 * new one, and the running release is deployed once more with it. The old table stays as it is.
 *
 *   ./deploy/restore.mts <environment> <moment> [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run restore production 2026-11-28T20:15:00Z
 *   make restore ENV=production AT=2026-11-28T20:15:00Z
 *
 *   environment   staging or production; the tables of the others have no backups
 *   moment        ISO 8601 with a time zone; within the last 35 days, and at least five minutes ago
 *   --dry-run     check everything, show every command, change nothing
 *   --force       restore even while a quiz is live
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * The new table is named after the moment: live-quiz-application-restored-20261128T201500Z. It gets the expiry, the tags and
 * the backups that a restore does not bring. What was written after the moment is in the old table only.
 *
 * The way back is a rollback to the revision before, which this prints: it names the old table. Every other deployment and
 * promotion keeps the restored table, for as long as a revision that names it runs. The stack keeps its own table. Its alarm and
 * dashboard watch the one in use from the next `make deploy-infrastructure` on, and `make check` says when they watch another.
 * `make destroy` lists the restored tables.
 *
 * The same command continues after an interruption, and only verifies what is done: that the tasks are healthy, and read the
 * table. It refuses a table that tasks had and lost again, since they may have written to it. A restore takes minutes to hours;
 * after an hour of waiting it ends as "still running" (exit 5). The other exit codes are those of a deployment.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { requireTarget, selectEnvironment } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmProduction, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { requirePinnedImage } from '../lib/recovery/redeploy.mts'
import { parseMoment, planRestore, printRestore, restoreTable } from '../lib/recovery/restore.mts'
import { requireRunningBackend } from '../lib/rollback/backend.mts'
import { begin, isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo } from '../lib/script/narration.mts'
import { undoCommand } from '../lib/service/deploy.mts'
import { requireStill } from '../lib/service/still.mts'
import { sayIfUnwatched } from '../lib/service/table.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, moment, ...options } = parseArguments(
    argv,
    ['dry-run', 'force', 'wait-idle', 'yes', 'verbose'],
    ['moment'],
  )
  const at = parseMoment(moment)
  const place = await selectEnvironment(environment)
  const reading = begin(() => requireRunningBackend(place))
  const target = await requireTarget(place)
  const [outputs, running] = await Promise.all([requireStackOutputs(target), reading])
  requirePinnedImage(target, running)
  const plan = await planRestore(target, outputs, running, at)
  printRestore(plan)
  await confirmProduction(environment, options.yes)
  if (!plan.unchanged) await requireNoLiveQuiz(target, outputs, options)

  await lockAndRecord(target, { verb: 'restore' }, async () => {
    await restoreTable(target, outputs, { ...plan, running: await requireStill(target, running) }, options)
  })
  if (isDryRun()) return
  sayIfUnwatched(target, outputs, plan.table)
  if (!plan.unchanged) offerUndo(undoCommand(target, running))
})
