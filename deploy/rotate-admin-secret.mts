#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Replaces the admin secret of an environment, as after a leak: a new value, and new tasks, which read it when they start.
 *
 *   ./deploy/rotate-admin-secret.mts <environment> [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run rotate-admin-secret production         make rotate-admin-secret ENV=production
 *
 *   environment   development, staging, production or local
 *   --dry-run     show every command, change nothing
 *   --force       replace the tasks even while a quiz is live
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Secrets Manager generates the value; it is shown nowhere: deploy/admin-secret.mts prints it. The running release is deployed
 * once more, followed and verified, so no setting and no code changes. When it has ended, the old secret is refused:
 * administrators must sign in again. The links of hosts, screens and players are of their event, and stay valid.
 *
 * A rollback keeps the new value, since it is no part of a revision. The same command again, as after an interruption, makes
 * another value and deploys again. Exit codes are those of a deployment; after any other than 0, tasks that started before
 * may still take the old secret.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { requireTarget, selectEnvironment } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmProduction, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { rotateAdminSecret } from '../lib/recovery/admin-secret.mts'
import { requirePinnedImage } from '../lib/recovery/redeploy.mts'
import { requireRunningBackend } from '../lib/rollback/backend.mts'
import { invocation } from '../lib/script/command-line.mts'
import { begin, isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { requireStill } from '../lib/service/still.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, ...options } = parseArguments(argv, ['dry-run', 'force', 'wait-idle', 'yes', 'verbose'])
  const place = await selectEnvironment(environment)
  const reading = begin(() => requireRunningBackend(place))
  const target = await requireTarget(place)
  const [outputs, running] = await Promise.all([requireStackOutputs(target), reading])
  requirePinnedImage(target, running)
  await confirmProduction(environment, options.yes)
  await requireNoLiveQuiz(target, outputs, options)

  await lockAndRecord(target, { verb: 'rotate-admin-secret' }, async () => {
    await rotateAdminSecret(target, outputs, await requireStill(target, running))
  })
  if (!isDryRun()) say(`the new one is printed by ${invocation('admin-secret', environment)}`)
})
