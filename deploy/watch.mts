#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Follows the current deployment of the service until it ends, or until Ctrl-C, which changes nothing.
 *
 *   ./deploy/watch.mts <environment> [--json]
 *   npm run watch production                       make watch ENV=production
 *
 *   environment   development, staging, production or local
 *   --json        only the result, as data
 *
 * Prints what changes: tasks running, pending, failed, and the events of the service. For a deployment that has ended it
 * prints the result at once; one that ECS has undone is `rolled back`. Exit codes are those of a deployment: 0 deployed,
 * 1 failed, 3 rolled back, 4 superseded; 5 still running when the credentials expire.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { retryUntilAnswered } from '../lib/script/asking.mts'
import { invocation } from '../lib/script/command-line.mts'
import { exitCodes, Failure } from '../lib/script/failure.mts'
import { expectCtrlC, main, printResult } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { readLastDeployment } from '../lib/service/last-deployment.mts'
import { followRollout } from '../lib/service/rollout.mts'
import { describeService, revisionName } from '../lib/service/service.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = parseArguments(argv, ['json'])
  expectCtrlC()
  const target = await resolveDestination(environment)
  const patience = { within: 120_000, every: 4000 }
  const service = await retryUntilAnswered(() => describeService(target), patience)
  if (!service) {
    throw new Failure(`${environment} has no service ${target.names.service}`, invocation('all', environment))
  }
  const { taskDefinition, seen, began } = await retryUntilAnswered(() => readLastDeployment(target, service), patience)
  const revision = taskDefinition && revisionName(taskDefinition)
  const name = revision ?? `what came after ${revisionName(service.taskDefinition)}`
  say(`watching ${name}; Ctrl-C stops watching, and the deployment continues`)
  // the person who watches decides how long
  const view = { seen, began, within: Infinity }
  const { verdict, reason } = await followRollout(target, taskDefinition ?? '', view)
  const result = { environment, revision: revision ?? null, verdict, reason }
  printResult(json, result, () => `${verdict}: ${name}, ${reason}\n`)
  // as it was before: a deployment that ended long ago
  const ended = service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED')
  if (
    verdict === 'deployed' &&
    ended &&
    ended.taskDefinition === taskDefinition &&
    ended.runningCount < ended.desiredCount
  ) {
    say('warning: its tasks stopped later, or ECS cannot start them; the last events of the service:')
    for (const { message } of service.events.slice(0, 5)) say(`       ${message}`)
    say(`${invocation('debug', environment)} has the commands that show why tasks stopped`)
  }
  process.exitCode = exitCodes[verdict]
})
