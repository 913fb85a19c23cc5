#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Shows what is live in an environment: stack, service, revision, release, image, site. Changes nothing.
 *
 *   ./deploy/status.mts <environment> [--json]
 *   npm run status production                      make status ENV=production
 *
 *   environment   development, staging, production or local
 *   --json        the same as data
 *
 * Asks CloudFormation, ECS and the CDN, and reads no local file. Exit code 0 even when nothing is deployed.
 */
import { askForState, readLiveState, stateTable } from '../lib/check/state.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestinationBeside } from '../lib/environment/target.mts'
import { main, printResult } from '../lib/script/main.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = parseArguments(argv, ['json'])
  const [target, asked] = await resolveDestinationBeside(environment, askForState)
  const state = await readLiveState(target, asked)
  printResult(json, state, () => stateTable(state))
})
