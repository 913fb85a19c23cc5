#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Everything of an environment: infrastructure, backend, frontend. Healthy before published.
 *
 *   ./deploy/all.mts <environment> [--redeploy] [--dry-run] [--force | --wait-idle] [--yes]
 *   npm run deploy:prod                            make deploy-prod
 *
 *   environment   development, staging, production or local
 *   --redeploy    restart the backend even though nothing changed
 *   --dry-run     build, show what would follow, change nothing there
 *   --force       also while a quiz is live, and to production from a tree that is not clean and pushed
 *   --wait-idle   wait until no quiz is live
 *   --yes         do not ask for production's name
 *
 * Image and site are built while CloudFormation works, since they do not depend on it; if one of the three fails, the
 * others are stopped. Needs the packages (npm ci), a Docker engine and credentials of the environment's account.
 */
import { addresses } from '../lib/stack/addresses.mts'
import { backendFlags, parseArguments } from '../lib/environment/arguments.mts'
import { deployment, type Recorded } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { together } from '../lib/script/job.mts'
import { requireNoLiveQuiz } from '../lib/service/live-quizzes.mts'
import { main } from '../lib/script/main.mts'
import { withProgress, say } from '../lib/script/narration.mts'
import { outputsSoFar } from '../lib/stack/stack.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { documented, printTimeline, timed } from '../lib/script/timeline.mts'
import { requireTools, dockerEngine, pinnedCdk } from '../lib/check/tools.mts'
import { backend, buildImage, type Chosen } from './backend.mts'
import { buildSite, frontend } from './frontend.mts'
import { infrastructure, plannedInfrastructure } from './infrastructure.mts'

/** The stages, in order. */
async function all(target: Target, recorded: Recorded, chosen: Chosen): Promise<void> {
  const building = () =>
    together({
      stack: () => recorded.infrastructure(() => infrastructure(target)),
      image: () => buildImage(target),
      site: () => buildSite(target),
    })
  const { stack: outputs, image } = await withProgress(
    (elapsed) => `stack, image and site ${elapsed} (documented: ${documented('Infrastructure')})`,
    building,
  )
  await recorded.backend(() => backend(target, outputs, { image, ...chosen }))
  await recorded.frontend(() => frontend(target, outputs, { built: true }))

  const { site, loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  say(`\n${target.environment} is live`)
  process.stdout.write(`site       ${site}\nhealth     ${loadBalancer}/health\nWebSocket  ${loadBalancerWebSocket}\n`)
}

/** What the stages would do. */
async function planned(target: Target, chosen: Chosen): Promise<void> {
  const outputs = await plannedInfrastructure(target)
  if (!outputs) return say('\nbackend and frontend follow, from the outputs of a stack that is not there yet')
  await backend(target, outputs, chosen)
  await frontend(target, outputs, { dryRun: true })
}

await main(import.meta, async (argv) => {
  const { environment, yes, ...chosen } = parseArguments(argv, backendFlags)
  const target = await resolveTarget(environment)
  requireTools([pinnedCdk(), await dockerEngine()])
  if (chosen['dry-run']) return await planned(target, chosen)
  // the backend asks again when its turn comes; now nothing has been changed yet
  const outputs = await outputsSoFar(target)
  if (outputs) await requireNoLiveQuiz(target, outputs, chosen)
  await confirmMayDeploy(target, { ...chosen, yes })
  await timed('Complete deployment', () => deployment(target, 'all', (recorded) => all(target, recorded, chosen)))
  printTimeline()
})
