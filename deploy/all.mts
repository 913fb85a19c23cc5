#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deploys everything of an environment: infrastructure, backend, frontend. Verifies the backend before the site goes live.
 *
 *   ./deploy/all.mts <environment> [--redeploy] [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run deploy:prod                            make deploy-prod
 *
 *   environment   development, staging, production or local
 *   --redeploy    restart the backend even when nothing changed
 *   --dry-run     build, show every command that would follow, change nothing there
 *   --force       deploy even while a quiz is live, and to production even from uncommitted or unpushed code
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Builds image and site while CloudFormation works, since they do not depend on it; if one of the three fails, it stops
 * the others. A later stage that fails leaves the earlier ones deployed: re-run the same command. Needs the packages
 * (npm ci), a Docker engine and credentials of the environment's account. Exit codes are those of deploy/backend.mts.
 */
import { checkDockerEngine, pinnedCdk, requireTools } from '../lib/check/tools.mts'
import { backendFlags, parseArguments } from '../lib/environment/arguments.mts'
import { requireSameCheckout } from '../lib/environment/checkout.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { isDryRun, runTogether } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say, documented, printTimeline, timeStage } from '../lib/script/narration.mts'
import { withProgress } from '../lib/script/under-way.mts'
import { addresses, backendAddresses, findStackOutputs, type StackOutputs } from '../lib/stack/stack.mts'
import { buildImage, deployBackend, type BackendOptions } from './backend.mts'
import { buildSite, deployFrontend } from './frontend.mts'
import { deployInfrastructure } from './infrastructure.mts'

await main(import.meta, async (argv) => {
  const { environment, ...options } = parseArguments(argv, backendFlags)
  const target = await resolveTarget(environment)
  requireTools([pinnedCdk(), await checkDockerEngine()])
  await confirmMayDeploy(target, options)
  // fail before anything changes; the backend stage checks again, since a quiz may have begun by then
  const deployed = await findStackOutputs(target)
  if (deployed) await requireNoLiveQuiz(target, deployed, options)
  await requireSameCheckout(target)
  await timeStage('Complete deployment', () => lockAndRecord(target, { verb: 'all' }, () => deployAll(target, options)))
  printTimeline()
})

/** The stages, in order. */
async function deployAll(target: Target, options: BackendOptions): Promise<void> {
  const {
    stack: outputs,
    image,
    site,
  } = await withProgress(
    (elapsed) => `stack, image and site ${elapsed} (documented: ${documented('Infrastructure')})`,
    () =>
      runTogether({
        stack: () => deployInfrastructure(target),
        image: () => buildImage(target),
        site: () => buildSite(target),
      }),
  )
  if (!outputs) return say('\nbackend and frontend follow, from the outputs of a stack that does not exist yet')
  await deployBackend(target, outputs, { ...options, image })
  await deployFrontend(target, outputs, site)
  if (!isDryRun()) printUrls(target, outputs)
}

function printUrls({ environment }: Target, outputs: StackOutputs): void {
  const { site } = addresses(outputs)
  const { backend, backendWebSocket } = backendAddresses(outputs)
  say(`\n${environment} is live`)
  process.stdout.write(`site       ${site}\nhealth     ${backend}/health\nWebSocket  ${backendWebSocket}\n`)
}
