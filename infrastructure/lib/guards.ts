import { mismatchFailure } from '../../lib/environment/target.mts'
import { isLocalEndpoint, type Environment } from '../../lib/environment/environments.mts'
import type { Settings } from '../../lib/environment/keys.mts'
import { Failure } from '../../lib/script/failure.mts'

/**
 * Refuses to synthesize for an account or region that is not the environment's, so that a `cdk deploy` typed by hand is
 * as safe as the toolkit. cdk passes the account of the credentials to the app; without credentials nothing can be
 * deployed, and no account is checked.
 */
export function assertExpectedTarget(
  environment: Environment,
  settings: Pick<Settings, 'AWS_ACCOUNT_ID' | 'AWS_REGION'>,
  env: NodeJS.ProcessEnv,
): void {
  const onLocalAws = isLocalEndpoint(env)
  const account = env['CDK_DEFAULT_ACCOUNT']
  const failure = mismatchFailure(environment, settings.AWS_ACCOUNT_ID, account, onLocalAws)
  if (failure) throw failure
  const region = env['CDK_DEFAULT_REGION']
  // the local AWS has one region, whatever the environment's own is
  if (account && region && !onLocalAws && region !== settings.AWS_REGION) {
    throw new Failure(
      `the region is ${region}, but ${environment} belongs to ${settings.AWS_REGION}`,
      `export AWS_REGION=${settings.AWS_REGION}, or fix AWS_REGION in env/.env.${environment}`,
    )
  }
}
