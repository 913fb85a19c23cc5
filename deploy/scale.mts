#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Sets how many tasks the service of an environment runs, and waits until they do.
 *
 *   ./deploy/scale.mts <environment> <count> [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run scale production 3                     make scale ENV=production COUNT=3
 *
 *   environment   development, staging, production or local
 *   count         0 to 99; with 0 nothing answers
 *   --dry-run     show the command, change nothing
 *   --force       stop tasks even while a quiz is live
 *   --wait-idle   before tasks are stopped, wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Deployments keep the number. TASK_COUNT of the environment's file applies only when the service is created. Exit code 4
 * when someone else sets another number meanwhile; 5 when the tasks do not run after ROLLOUT_TIMEOUT_SECONDS, or the
 * credentials expire; ECS keeps trying.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { confirmProduction, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { statusOf } from '../lib/ledger/record.mts'
import { invocation, invocationWith } from '../lib/script/command-line.mts'
import { exitCodes, Failure } from '../lib/script/failure.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo, say } from '../lib/script/narration.mts'
import { run } from '../lib/script/shell.mts'
import { parseTaskCount, waitForTaskCount } from '../lib/service/scale.mts'
import { describeService } from '../lib/service/service.mts'
import { describeStack, outputsOf, type StackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const {
    environment,
    count: text,
    ...options
  } = parseArguments(argv, ['dry-run', 'force', 'wait-idle', 'yes', 'verbose'], ['count'])
  const count = parseTaskCount(text)
  const target = await resolveDestination(environment)
  const { names, settings } = target
  const requireService = async () => {
    const service = await describeService(target)
    if (service) return service
    throw new Failure(`${environment} has no service ${names.service}`, invocation('all', environment))
  }
  const before = await requireService()
  say(`the desired count is ${before.desiredCount}`)
  if (count === 0) say('warning: with 0 tasks nothing answers')
  await confirmProduction(environment, options.yes)
  // each task that stops disconnects its players
  if (count < before.desiredCount) {
    // a stack that is half deleted, or older, may have it
    const outputs = outputsOf(await describeStack(names.stack))
    if (outputs['DistributionDomainName']) await requireNoLiveQuiz(target, outputs as StackOutputs, options)
    else say('warning: a quiz may be live: the stack does not have the address to ask')
  }
  // someone was asked, or a quiz was waited for
  const service = isDryRun() ? before : await requireService()
  if (service.desiredCount !== before.desiredCount) {
    throw new Failure(
      `superseded: the desired count is now ${service.desiredCount}, not ${before.desiredCount}; nothing was changed`,
      're-run the same command',
      exitCodes.superseded,
    )
  }

  await run`aws ecs update-service --cluster ${names.cluster} --service ${names.service} --desired-count ${count} --query service.serviceArn`
  if (isDryRun()) return
  const offerPreviousCount = () => {
    if (count === before.desiredCount) return
    offerUndo(invocationWith('scale', environment, 'COUNT', String(before.desiredCount)))
  }
  try {
    await waitForTaskCount(target, count, service.events)
  } catch (error) {
    // not what someone else has changed since
    if (['still running', 'stopped'].includes(statusOf(error))) offerPreviousCount()
    throw error
  }
  say(`${environment} runs ${count} ${count === 1 ? 'task' : 'tasks'}`)
  offerPreviousCount()
  if (String(count) !== settings.TASK_COUNT) {
    say(`TASK_COUNT=${settings.TASK_COUNT} in env/.env.${environment} applies only when the service is created again`)
  }
})
