#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Follows an invalidation of the CDN to its end: the latest, or one by its id. Ctrl-C changes nothing.
 *
 *   ./deploy/invalidation.mts <environment> [<id>] [--json]
 *   npm run invalidation production                make invalidation ENV=production
 *   npm run invalidation production I2J0I21PCUYOIK make invalidation ENV=production ID=I2J0I21PCUYOIK
 *
 *   environment   development, staging, production or local
 *   id            of the invalidation, as a frontend deployment prints it
 *   --json        the result, as data
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { expectCtrlC, main, printResult } from '../lib/script/main.mts'
import { say } from '../lib/script/narration.mts'
import { findLatestInvalidation, waitForInvalidation } from '../lib/site/invalidation.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, id: named, json } = parseArguments(argv, ['json'], ['id'])
  expectCtrlC()
  const target = await resolveDestination(environment)
  const outputs = await requireStackOutputs(target)
  const id = named ?? (await findLatestInvalidation(outputs))
  if (id === undefined) {
    if (json) process.stdout.write('null\n')
    return say('CloudFront knows no invalidation of this distribution')
  }
  const { Status, CreateTime, InvalidationBatch } = await waitForInvalidation(target, outputs, id)
  const paths = InvalidationBatch.Paths.Items ?? []
  const result = { id, status: Status, created: CreateTime, paths }
  printResult(json, result, () => `${Status}: ${id} of ${paths.join(' ')}, created ${CreateTime}\n`)
})
