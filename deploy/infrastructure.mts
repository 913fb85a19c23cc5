#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * The stack of an environment: network, load balancer, cluster, tables, site bucket, CDN. The first time and every time
 * after.
 *
 *   ./deploy/infrastructure.mts <environment> [--dry-run] [--force] [--yes]
 *   npm run deploy:infrastructure staging          make deploy-infrastructure ENV=staging
 *
 *   environment   development, staging, production or local
 *   --dry-run     show what the stack would change and the commands, change nothing
 *   --force       to production also from a tree that is not clean and pushed
 *   --yes         do not ask for production's name
 *
 * Needs the packages (npm ci) and credentials of the environment's account, in any way that the aws CLI knows.
 * Leaves the stack, and a copy of its outputs in .local/deployments/<environment>/outputs.json. Images, tasks and the
 * site's files are not its business: running it again never changes what is live.
 */
import { join } from 'node:path'
import { flags, parseArguments } from '../lib/environment/arguments.mts'
import { withCause, isBootstrapped, readOutputs } from '../lib/stack/cdk.mts'
import { deployment } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { main } from '../lib/script/main.mts'
import { say, title } from '../lib/script/narration.mts'
import { root, run, show } from '../lib/script/shell.mts'
import { outputsSoFar } from '../lib/stack/stack.mts'
import { stackDiff } from '../lib/stack/diff.mts'
import { deployableStack } from '../lib/stack/state.mts'
import type { StackOutputs } from '../lib/stack/outputs.mts'
import { stateFile } from '../lib/script/state-file.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { noteFirstDeployment, timed } from '../lib/script/timeline.mts'
import { requireTools, pinnedCdk } from '../lib/check/tools.mts'

/** The steps. */
export async function infrastructure(target: Target): Promise<StackOutputs> {
  const { names } = target
  title(`Infrastructure: ${names.stack}`)

  // 1. bootstrap, once for an account and region
  if (!(await isBootstrapped())) await timed('CDK Bootstrap', () => bootstrap(target, run))

  // 2. build
  const before = await deployableStack(target)
  if (!before) noteFirstDeployment()
  await build(run)

  // 3. deploy; without a change, cdk says so and is done
  try {
    await deployStack(target, run)
  } catch (error) {
    throw await withCause(error, target, before)
  }

  // 4. outputs, which cdk has shown
  return readOutputs(outputsFile(target), target)
}

/** What the steps would do. Returns the outputs as they are now, if the stack is there. */
export async function plannedInfrastructure(target: Target): Promise<StackOutputs | undefined> {
  title(`Infrastructure: ${target.names.stack}`)
  if (!(await isBootstrapped())) await bootstrap(target, show)
  await build(show)
  say(await stackDiff(target))
  await deployStack(target, show)
  return await outputsSoFar(target)
}

/** From the root, where there is no app that cdk would synthesize for it. */
async function bootstrap({ account, region }: Target, change: typeof run): Promise<void> {
  await change`cdk bootstrap aws://${account}/${region}`
}

async function build(change: typeof run): Promise<void> {
  await change`npm run build --workspace infrastructure`
}

async function deployStack(target: Target, change: typeof run): Promise<void> {
  await change({
    cwd: join(root, 'infrastructure'),
  })`cdk deploy ${target.names.stack} --context environment=${target.environment} --require-approval never --outputs-file ${join('..', outputsFile(target))}`
}

function outputsFile({ environment }: Target): string {
  return stateFile(environment, 'outputs.json')
}

await main(import.meta, async (argv) => {
  const { force, yes } = flags
  const { environment, ...chosen } = parseArguments(argv, { 'dry-run': flags['dry-run'], force, yes })
  requireTools([pinnedCdk()])
  const target = await resolveTarget(environment)
  if (chosen['dry-run']) return void (await plannedInfrastructure(target))
  await confirmMayDeploy(target, chosen)
  await deployment(target, 'infrastructure', (recorded) => recorded.infrastructure(() => infrastructure(target)))
  say(`\n${environment}: the stack ${target.names.stack} is as the code here says`)
})
