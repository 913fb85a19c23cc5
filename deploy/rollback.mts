#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Sets the backend of an environment back to an earlier revision: its image, its settings.
 *
 *   ./deploy/rollback.mts <environment> [<revision>] [--dry-run] [--force | --wait-idle] [--yes]
 *   npm run rollback production 12                 make rollback REV=12
 *   npm run rollback staging                       make rollback ENV=staging
 *
 *   environment   development, staging, production or local; make takes production unless ENV says otherwise
 *   revision      a number that deploy/revisions.mts lists; without it, the last release before the one that runs that
 *                 the ledger knows to have been proven live
 *   --dry-run     check and show everything, change nothing
 *   --force       also while a quiz is live; --wait-idle waits until none is
 *   --yes         do not ask for production's name
 *
 * Everything is checked before anything is changed: revision, image, roles, log group. A deployment under way is
 * superseded. The rollout is followed and proven as any other, `latest` names the image again, and nothing is deregistered,
 * so that a rollback can be taken back too. Exit codes are those of a deployment.
 */
import { flags, parseArguments } from '../lib/environment/arguments.mts'
import { deployment } from '../lib/ledger/deployment.mts'
import { requireNoLiveQuiz } from '../lib/service/live-quizzes.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { revisionNumber } from '../lib/rollback/revision.mts'
import { planRollback, rollBackBackend, printRollback } from '../lib/rollback/backend.mts'
import { deployService, revisionName, undo } from '../lib/service/service.mts'
import { show } from '../lib/script/shell.mts'
import { stackOutputs } from '../lib/stack/stack.mts'
import { resolveTarget } from '../lib/environment/target.mts'
import { confirmProduction } from '../lib/ledger/guards.mts'

await main(import.meta, async (argv) => {
  const accepted = { 'dry-run': flags['dry-run'], force: flags.force, 'wait-idle': flags['wait-idle'], yes: flags.yes }
  const { environment, revision, ...chosen } = parseArguments(argv, accepted, ['revision'])
  const number = revision === undefined ? undefined : revisionNumber(revision)
  const target = await resolveTarget(environment)
  const outputs = await stackOutputs(target)
  const plan = await planRollback(target, number)
  const { running } = plan
  printRollback(plan)
  if (chosen['dry-run']) return await deployService(target, outputs, plan.revision.revision, running.service, show)
  await confirmProduction(environment, chosen.yes)
  await requireNoLiveQuiz(target, outputs, chosen)

  const rollbackOf = running.release || revisionName(running.revision)
  await deployment(target, 'rollback', ({ backend }) => backend(() => rollBackBackend(target, outputs, plan)), {
    rollbackOf,
  })
  say(`undo with: ${undo(target, running)}`)
})
