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
import { readLiveState, readServiceState, stateTable } from '../lib/check/state.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { requireIdentity, selectEnvironment } from '../lib/environment/target.mts'
import { readLock } from '../lib/ledger/lock.mts'
import { begin } from '../lib/script/job.mts'
import { main, printResult } from '../lib/script/main.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = parseArguments(argv, ['json'])
  const place = await selectEnvironment(environment)
  const service = begin(() => readServiceState(place))
  const lock = begin(() => readLock(place))
  const destination = await requireIdentity(place)
  const state = await readLiveState(destination, service, lock)
  printResult(json, state, () => stateTable(state))
})
