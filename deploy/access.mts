#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Makes the roles and policies of an environment, and bootstraps cdk with them. Once, and again when they change. It needs
 * an administrator of the account: it makes roles.
 *
 *   ./deploy/access.mts <environment> [--dry-run] [--force] [--yes] [--verbose]
 *   npm run access production                      make access ENV=production
 *
 *   environment   development, staging, production or local
 *   --dry-run     show what would change, change nothing
 *   --force       replace a bootstrap that deploys with other policies, such as that of a first deployment; every cdk app of
 *                 the account loses those
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * The stack LiveQuizAccess-<environment> has the roles: to look, to deploy, and to break the glass; docs/PERMISSIONS.md lists
 * what each may do. From then on CloudFormation deploys with the policy live-quiz-cloudformation instead of
 * AdministratorAccess, and gives no role more than live-quiz-boundary allows; LiveQuizAccess has these two.
 */
import { executionPolicyArn, partitionOf } from '../lib/access/execution.mts'
import { accessStack, executionPolicy, taskBoundary } from '../lib/access/names.mts'
import { pinnedCdk, requireTools } from '../lib/check/tools.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { type Destination, resolveDestination } from '../lib/environment/target.mts'
import { confirmProduction } from '../lib/ledger/guards.mts'
import { withFlag } from '../lib/script/command-line.mts'
import { Failure } from '../lib/script/failure.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say, step, beginStage } from '../lib/script/narration.mts'
import { diffAccess, bootstrapBounded, deployAccess } from '../lib/stack/cdk.mts'
import { describeStack } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, yes, force } = parseArguments(argv, ['dry-run', 'force', 'yes', 'verbose'])
  requireTools([pinnedCdk()])
  const target = await resolveDestination(environment)
  requireBoundary(target)
  const policy = executionPolicyArn({ account: target.account, partition: partitionOf(target.region) })
  const objection = force ? undefined : await findForeignBootstrap(policy)
  if (objection && !isDryRun()) throw objection
  if (objection) say(`warning: ${objection.message}; ${objection.remedy}`)
  await confirmProduction(environment, yes)

  beginStage(`Access: ${accessStack}-${environment} in account ${target.account}`)
  await step('1. Deploy the roles and policies', async () => {
    if (isDryRun()) say(await diffAccess(target))
    await deployAccess(target)
  })
  await step('2. Bootstrap cdk with them', () => bootstrapBounded(target, executionPolicy, policy))
  if (!isDryRun())
    say(`\nCloudFormation deploys with ${executionPolicy}; the roles are outputs of ${accessStack}-${environment}`)
})

/** Without it the roles of the stack have no boundary, and CloudFormation no longer creates such. */
function requireBoundary({ environment, settings }: Destination): void {
  if (settings.PERMISSIONS_BOUNDARY === taskBoundary) return
  throw new Failure(
    `env/.env.${environment} has no PERMISSIONS_BOUNDARY, and CloudFormation will refuse roles without one`,
    `set PERMISSIONS_BOUNDARY=${taskBoundary} there, and commit it`,
  )
}

/** Why a bootstrap is not replaced: an account has one, and other cdk apps in it deploy with the same policies. */
async function findForeignBootstrap(policy: string): Promise<Failure | undefined> {
  const toolkit = await describeStack('CDKToolkit')
  if (!toolkit) return undefined
  const given = toolkit.Parameters?.find(({ ParameterKey }) => ParameterKey === 'CloudFormationExecutionPolicies')
  const policies = given?.ParameterValue || 'AdministratorAccess'
  if (policies === policy) return undefined
  return new Failure(
    `the bootstrap of this account deploys with ${policies}, and every cdk app of the account would lose that`,
    `if Live Quiz is the only one: ${withFlag('--force')}`,
  )
}
