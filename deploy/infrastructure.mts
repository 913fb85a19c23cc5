#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/start" "$0" "$@"'
/*
 * The stack of an environment: network, load balancer, cluster, tables, site bucket, CDN. The first time and every time
 * after.
 *
 *   ./deploy/infrastructure.mts <environment> [--yes]
 *   npm run deploy:infrastructure staging          make deploy-infrastructure ENV=staging
 *
 *   environment   development, staging, production or local
 *   --yes         do not ask for production's name
 *
 * Needs the packages (npm ci) and credentials of the environment's account, in any way that the aws CLI knows.
 * Leaves the stack, and a copy of its outputs in .local/deployments/<environment>/outputs.json. Images, tasks and the
 * site's files are not its business: running it again never changes what is live.
 */
import { join } from 'node:path'
import { flags, given } from '../lib/arguments.mts'
import { explained, isBootstrapped, writtenOutputs } from '../lib/cdk.mts'
import { main } from '../lib/main.mts'
import { say, title } from '../lib/narration.mts'
import { root, run } from '../lib/shell.mts'
import { deployableStack } from '../lib/stack-state.mts'
import type { StackOutputs } from '../lib/stack-outputs.mts'
import { stateFile } from '../lib/state-file.mts'
import { targetOf, type Target } from '../lib/target.mts'
import { confirmed } from '../lib/terminal.mts'
import { firstTime, timed } from '../lib/timeline.mts'
import { assertGood, pinnedCdk } from '../lib/tools.mts'

export async function infrastructure(target: Target): Promise<StackOutputs> {
  const { environment, names, account, region } = target
  const directory = join(root, 'infrastructure')
  const outputsFile = stateFile(environment, 'outputs.json')
  title(`Infrastructure: ${names.stack}`)

  // 1. bootstrap, once for an account and region; from the root, where there is no app that cdk would synthesize for it
  if (!(await isBootstrapped())) await timed('CDK Bootstrap', () => run`cdk bootstrap aws://${account}/${region}`)

  // 2. build
  const before = await deployableStack(names.stack)
  if (!before) firstTime()
  await run`npm run build --workspace infrastructure`

  // 3. deploy; without a change, cdk says so and is done
  try {
    await run({
      cwd: directory,
    })`cdk deploy ${names.stack} --context environment=${environment} --require-approval never --outputs-file ${join('..', outputsFile)}`
  } catch (error) {
    throw await explained(error, target, before?.LastUpdatedTime ?? before?.CreationTime)
  }

  // 4. outputs, which cdk has shown
  return writtenOutputs(outputsFile, target)
}

await main(import.meta, async (argv) => {
  const { environment, yes } = given(argv, { yes: flags.yes })
  assertGood([pinnedCdk()])
  const target = await targetOf(environment)
  await confirmed(environment, yes)
  await timed('Infrastructure', () => infrastructure(target))
  say(`\n${environment}: the stack ${target.names.stack} is up to date`)
})
