#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deploys the stack of an environment: network, load balancer, cluster, tables, site bucket, CDN.
 *
 *   ./deploy/infrastructure.mts <environment> [--dry-run] [--force] [--yes] [--verbose]
 *   npm run deploy:infrastructure staging          make deploy-infrastructure ENV=staging
 *
 *   environment   development, staging, production or local
 *   --dry-run     show the diff of the stack and every command, change nothing
 *   --force       deploy to production even from uncommitted or unpushed code
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Needs the packages (npm ci) and credentials of the environment's account, in any form that the aws CLI reads.
 * Leaves the stack, and a copy of its outputs in .local/deployments/<environment>/outputs.json. It does not touch images,
 * tasks or the site's files: you can re-run it without changing the backend or the site.
 */
import { pinnedCdk, requireTools } from '../lib/check/tools.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { lockAndRecord, recordBeforeChange, recordStage } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { noteFirstDeployment, printTimeline, say, step, beginStage } from '../lib/script/narration.mts'
import { run } from '../lib/script/shell.mts'
import { findRestoredTable } from '../lib/service/table.mts'
import { deployStack, ensureBootstrapped, readOutputs, diffStack } from '../lib/stack/cdk.mts'
import { requireSameScheme } from '../lib/stack/scheme.mts'
import { findStackOutputs, type StackOutputs } from '../lib/stack/stack.mts'
import { isNew, requireDeployableStack } from '../lib/stack/state.mts'

await main(import.meta, async (argv) => {
  const { environment, ...options } = parseArguments(argv, ['dry-run', 'force', 'yes', 'verbose'])
  requireTools([pinnedCdk()])
  const target = await resolveTarget(environment)
  await confirmMayDeploy(target, options)
  await lockAndRecord(target, { verb: 'infrastructure' }, () => deployInfrastructure(target))
  if (!isDryRun()) say(`\nstack ${target.names.stack} matches this checkout`)
  printTimeline()
})

/** Returns the outputs; undefined in a dry run where there is no stack yet. */
export async function deployInfrastructure(target: Target): Promise<StackOutputs | undefined> {
  return await recordStage('infrastructure', () => takeSteps(target))
}

async function takeSteps(target: Target): Promise<StackOutputs | undefined> {
  beginStage(`Infrastructure: ${target.names.stack}`)
  await step('1. Bootstrap CDK', () => ensureBootstrapped(target))
  const before = await requireDeployableStack(target)
  if (!before) noteFirstDeployment()
  requireSameScheme(target, before)
  const stack = { ...target, restoredTable: await findRestoredTable(target, before) }
  await step('2. Build the CDK project', () => run`npm run build --workspace live-quiz-infrastructure`)
  await step('3. Deploy the CloudFormation stack', async () => {
    if (isDryRun()) say(await diffStack(stack))
    await recordBeforeChange()
    // production is protected from deletion once it is there
    if (target.environment === 'production' && isNew(before)) {
      await deployStack({ ...stack, unprotected: true }, before)
      await recordBeforeChange()
    }
    await deployStack(stack, before)
  })
  return await step('4. Get the stack outputs', async () =>
    isDryRun() ? await findStackOutputs(target) : readOutputs(target),
  )
}
