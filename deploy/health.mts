#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Checks whether an environment answers: backend, its data, page and WebSocket, directly and through the CDN, with timings.
 *
 *   ./deploy/health.mts <environment> [--json]
 *   npm run health production                      make health ENV=production
 *
 *   environment   development, staging, production or local
 *   --json        the same as data
 *
 * Changes nothing. Exit code 1 when one of them does not answer as it should.
 */
import { measureHealth } from '../lib/check/health.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { inColumns } from '../lib/script/drawing.mts'
import { main, printResult } from '../lib/script/main.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = parseArguments(argv, ['json'])
  const checks = await measureHealth(await requireStackOutputs(await resolveDestination(environment)))
  const ok = checks.every((check) => check.ok)
  const rows = checks.map(({ name, url, ok: good, milliseconds, detail }) => [
    name,
    good ? 'OK' : 'FAIL',
    `${milliseconds} ms`.padStart(8),
    url,
    detail,
  ])
  printResult(json, { environment, ok, checks }, () => inColumns(rows))
  if (!ok) process.exitCode = 1
})
