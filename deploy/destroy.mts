#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Removes an environment: the service, the site's files, the stack, the images, the ledger. There is no way back.
 *
 *   ./deploy/destroy.mts <environment> [--data] [--dry-run] [--force] [--yes] [--confirm <stack>]
 *   npm run destroy staging                        make destroy ENV=staging
 *   ./deploy/destroy.mts production --confirm LiveQuizEventStack
 *
 *   environment   development, staging, production or local
 *   --data        also the application's table and the tasks' logs, which are kept otherwise
 *   --dry-run     show the commands, and run none that changes anything
 *   --force       also while a quiz is live
 *   --yes         do not ask for the stack's name; not enough for production
 *   --confirm     the stack's name, for production without a terminal
 *
 * In the order that AWS needs, each step only when there is something to remove: a run that failed half-way is simply run
 * again. What is kept is listed at the end, with the commands that remove it.
 */
import { flags, parseArguments } from '../lib/environment/arguments.mts'
import { personOf } from '../lib/ledger/deployment.mts'
import {
  emptyBucket,
  confirmDestruction,
  forgetOutputs,
  outputsToDestroy,
  deleteService,
} from '../lib/destroy/destroy.mts'
import { holdLock } from '../lib/ledger/held-lock.mts'
import { invocation } from '../lib/script/invocation.mts'
import { kept, printKept } from '../lib/destroy/kept.mts'
import { requireNoLiveQuiz } from '../lib/service/live-quizzes.mts'
import { main } from '../lib/script/main.mts'
import { say, title } from '../lib/script/narration.mts'
import { run, show } from '../lib/script/shell.mts'
import { deleteStack } from '../lib/destroy/stack.mts'
import { resolveTarget } from '../lib/environment/target.mts'

await main(import.meta, async (argv) => {
  const {
    environment,
    data,
    force,
    yes,
    confirm,
    'dry-run': dryRun,
  } = parseArguments(argv, {
    data: { type: 'boolean', default: false },
    'dry-run': flags['dry-run'],
    force: flags.force,
    yes: flags.yes,
    confirm: { type: 'string' },
  })
  const target = await resolveTarget(environment)
  const { names } = target
  const outputs = await outputsToDestroy(target)
  if (!dryRun) await confirmDestruction(target, { yes, confirm })
  if (outputs) await requireNoLiveQuiz(target, outputs, { force, 'wait-idle': false })
  const change = dryRun ? show : run
  const by = { by: personOf(target.identity), command: invocation('destroy', environment) }
  const lock = dryRun ? undefined : await holdLock(target, by)

  title(`Destroying ${names.stack}`)
  try {
    await deleteService(target, change, dryRun)
    if (outputs) await emptyBucket(target, outputs.SiteBucketName, dryRun)
    await deleteStack(target, change, dryRun)
  } finally {
    await lock?.release()
  }
  const resources = kept(target, outputs)
  for (const { data: isData, isThere, removed } of resources) {
    if ((data || !isData) && (await isThere())) await removed(change)
  }
  if (!dryRun) forgetOutputs(target)
  say(dryRun ? '\nnothing was changed' : `\n${environment} is gone`)
  if (!data) await printKept(resources, target)
})
