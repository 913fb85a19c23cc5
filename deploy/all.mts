#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/start" "$0" "$@"'
/*
 * Everything of an environment: infrastructure, backend, frontend. Healthy before published.
 *
 *   ./deploy/all.mts <environment> [--redeploy] [--yes]
 *   npm run deploy:prod                            make deploy-prod
 *
 *   environment   development, staging, production or local
 *   --redeploy    restart the backend even though nothing changed
 *   --yes         do not ask for production's name
 *
 * Image and site are built while CloudFormation works, since they do not depend on it; if one of the three fails, the
 * others are stopped. Needs the packages (npm ci), a Docker engine and credentials of the environment's account.
 */
import { addresses } from '../lib/addresses.mts'
import { flags, given } from '../lib/arguments.mts'
import { together } from '../lib/job.mts'
import { main } from '../lib/main.mts'
import { say } from '../lib/narration.mts'
import { targetOf, type Target } from '../lib/target.mts'
import { confirmed } from '../lib/terminal.mts'
import { tellTimeline, timed } from '../lib/timeline.mts'
import { assertGood, dockerEngine, pinnedCdk } from '../lib/tools.mts'
import { backend, buildImage } from './backend.mts'
import { buildSite, frontend } from './frontend.mts'
import { infrastructure } from './infrastructure.mts'

/** The stages, in order. */
export async function all(target: Target, { redeploy }: { redeploy: boolean }): Promise<void> {
  const { stack: outputs, image } = await together({
    stack: () => timed('Infrastructure', () => infrastructure(target)),
    image: () => buildImage(target),
    site: () => buildSite(target),
  })
  await timed('Backend', () => backend(target, { outputs, image, redeploy }))
  await timed('Frontend', () => frontend(target, { outputs, built: true }))

  const { site, loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  say(`\n${target.environment} is live`)
  process.stdout.write(`site       ${site}\nhealth     ${loadBalancer}/health\nWebSocket  ${loadBalancerWebSocket}\n`)
}

await main(import.meta, async (argv) => {
  const { environment, redeploy, yes } = given(argv, { redeploy: flags.redeploy, yes: flags.yes })
  const target = await targetOf(environment)
  assertGood([pinnedCdk(), await dockerEngine()])
  await confirmed(environment, yes)
  await timed('Complete deployment', () => all(target, { redeploy }))
  tellTimeline()
})
