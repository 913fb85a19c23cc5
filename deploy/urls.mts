#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Prints the URLs of an environment: site, API, health, WebSocket. Changes nothing.
 *
 *   ./deploy/urls.mts <environment> [--json]
 *   npm run urls production                        make urls ENV=production
 *
 *   environment   development, staging, production or local
 *   --json        the same as data
 *
 *   curl "$(./deploy/urls.mts staging --json | jq -r .health)"
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveDestination } from '../lib/environment/target.mts'
import { inColumns } from '../lib/script/drawing.mts'
import { main, printResult } from '../lib/script/main.mts'
import { addresses, backendAddresses, isPrivate, requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, json } = parseArguments(argv, ['json'])
  const outputs = await requireStackOutputs(await resolveDestination(environment))
  const { site, siteWebSocket, loadBalancer } = addresses(outputs)
  const { backend, backendWebSocket } = backendAddresses(outputs)
  const urls = {
    site,
    siteApi: `${site}/api`,
    siteWebSocket,
    // one without a public address answers nobody but the CDN
    ...(isPrivate(outputs) ? {} : { loadBalancer }),
    health: `${backend}/health`,
    webSocket: backendWebSocket,
  }
  printResult(json, urls, () => inColumns(Object.entries(urls)))
})
