#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deletes an environment: the service, the site's files, the stack, the images, the ledger. This cannot be undone.
 *
 *   ./deploy/destroy.mts <environment> [--data] [--dry-run] [--force] [--yes] [--verbose] [--confirm <stack>]
 *   npm run destroy staging                        make destroy ENV=staging
 *   ./deploy/destroy.mts production --confirm LiveQuizEventStack
 *
 *   environment   development, staging, production or local
 *   --data        also delete the application's table, the tasks' logs and the access logs, which are kept otherwise
 *   --dry-run     show every command, change nothing
 *   --force       destroy even while a quiz is live
 *   --yes         do not ask for the stack's name; not enough for production
 *   --confirm     the stack's name, for production without a terminal
 *   --verbose     print every line of every command as it comes
 *
 * Works in the order that AWS needs, and skips what is already gone: after a failure, re-run the same command. At the end
 * it lists what is kept, with the commands that delete it.
 */
import {
  confirmDestruction,
  deleteService,
  deleteStack,
  deleteOutputsFile,
  readAndKeepOutputs,
  readServiceStatus,
  runWithLock,
} from '../lib/destroy/destroy.mts'
import { emptyBucket } from '../lib/destroy/bucket.mts'
import { deleteResource, printKeptData, listRemainingResources, type Resource } from '../lib/destroy/kept.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget } from '../lib/environment/target.mts'
import { personOf } from '../lib/ledger/deployment.mts'
import { invocation } from '../lib/script/command-line.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say, beginStage } from '../lib/script/narration.mts'
import { requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { waitForStack } from '../lib/stack/state.mts'

await main(import.meta, async (argv) => {
  const { environment, data, ...options } = parseArguments(argv, [
    'data',
    'dry-run',
    'force',
    'yes',
    'verbose',
    'confirm',
  ])
  const target = await resolveTarget(environment)
  const { names } = target
  let outputs = await readAndKeepOutputs(target)
  let resources: Resource[] = []
  await confirmDestruction(target, options)

  beginStage(`Destroying ${names.stack}`)
  const by = { by: personOf(target.identity), command: invocation('destroy', environment) }
  await runWithLock(target, by, async (requireHeld) => {
    // a run that was stopped leaves CloudFormation at work, and cdk would fail when the service is gone already
    const stack = await waitForStack(names.stack)
    // a creation has no outputs before it ends
    outputs ??= await readAndKeepOutputs(target)
    const status = await readServiceStatus(names)
    // without a service no quiz is live, and a run before this one may have disabled the CDN
    if (outputs && status === 'ACTIVE')
      await requireNoLiveQuiz(target, outputs, { force: options.force, waitIdle: undefined })
    await requireHeld()
    await deleteService(target, status)
    await requireHeld()
    if (outputs) await emptyBucket(target, outputs.SiteBucketName, 'site')
    await requireHeld()
    await deleteStack(target, stack)
    resources = await listRemainingResources(target, outputs)
    for (const resource of resources.filter(({ isData }) => data || !isData)) {
      await requireHeld()
      await deleteResource(target, resource)
    }
  })
  // --data needs them later
  if (data) deleteOutputsFile(target)
  if (!isDryRun()) say(`\n${environment} is gone`)
  if (!outputs)
    say(`whether a bucket is left is not known, since there was no stack: aws s3 ls | grep -i ${names.stack}`)
  if (!data) await printKeptData(resources, target)
})
