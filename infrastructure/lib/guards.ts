import type { Environment } from '../../lib/environment/environments.mts'
import { Failure } from '../../lib/script/failure.mts'
import { isLocalEndpoint } from '../../lib/environment/local-aws.mts'
import type { Settings } from '../../lib/environment/settings.mts'
import { account as localAccount } from '../local/settings.ts'

/**
 * Refuses to synthesize for an account or region that is not the environment's, so that a `cdk deploy` typed by hand is
 * as safe as the toolkit. cdk tells the app whom the credentials at hand belong to; without credentials nothing can be
 * deployed, and nothing is checked.
 */
export function assertExpectedTarget(
  environment: Environment,
  settings: Pick<Settings, 'AWS_ACCOUNT_ID' | 'AWS_REGION'>,
  env: NodeJS.ProcessEnv,
): void {
  const onLocalAws = isLocalEndpoint(env)
  if (environment === 'local' && !onLocalAws) {
    throw new Failure(
      'the environment `local` lives on the local AWS only, and AWS_ENDPOINT_URL does not point at one',
      'make deploy-local; or make local-shell, for `cdk` by hand',
    )
  }
  const file = `env/.env.${environment}`
  const account = env['CDK_DEFAULT_ACCOUNT']
  const expectedAccount = onLocalAws ? localAccount : settings.AWS_ACCOUNT_ID
  if (account && expectedAccount && account !== expectedAccount) {
    throw new Failure(
      `these credentials are for account ${account}, and ${environment} is expected in ${expectedAccount}`,
      onLocalAws
        ? 'make local-shell, which has the credentials of the local AWS'
        : `use credentials for ${expectedAccount}, or mend AWS_ACCOUNT_ID in ${file}`,
    )
  }
  const region = env['CDK_DEFAULT_REGION']
  // the local AWS has one region, whatever the environment's own is
  if (account && region && !onLocalAws && region !== settings.AWS_REGION) {
    throw new Failure(
      `the region at hand is ${region}, and ${environment} is expected in ${settings.AWS_REGION}`,
      `export AWS_REGION=${settings.AWS_REGION}, or mend AWS_REGION in ${file}`,
    )
  }
}
