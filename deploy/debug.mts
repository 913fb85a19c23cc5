#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Prints the documented monitoring and debug commands with the real names of an environment. Changes nothing.
 *
 *   ./deploy/debug.mts <environment> [--json]
 *   npm run debug production                       make debug ENV=production
 *
 *   environment   development, staging, production or local
 *   --json        the same as data
 *
 * For local, paste them into make local-shell, where aws and docker talk to the AWS on this machine.
 */
import { debugCommands } from '../lib/check/debug.mts'
import { hasAwsCommand } from '../lib/check/aws.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { main, printResult } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { findLatestInvalidation } from '../lib/site/invalidation.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = parseArguments(argv, ['json'])
  const target = await resolveDestination(environment)
  const outputs = await requireStackOutputs(target)
  const [invalidation, awsHasTail] = await Promise.all([
    findLatestInvalidation(outputs),
    hasAwsCommand(['logs', 'tail']),
  ])
  const commands = debugCommands(target, outputs, { invalidation, awsHasTail })
  if (target.local) say('paste these into: make local-shell')
  const script = [
    `export AWS_REGION=${target.region} AWS_DEFAULT_REGION=${target.region}\n`,
    ...commands.map(({ purpose, command }) => `# ${purpose}\n${command}\n`),
  ]
  printResult(json, { environment, commands }, () => script.join('\n'))
})
