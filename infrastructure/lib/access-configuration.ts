import { partitionOf } from '../../lib/access/execution.mts'
import type { Environment } from '../../lib/environment/environments.mts'
import type { Settings } from '../../lib/environment/keys.mts'
import { Failure } from '../../lib/script/failure.mts'
import type { Access, Repository } from './access.ts'

/** Who may do what in an environment. Fails where its account is not known: ARNs name it. */
export function accessOf(environment: Environment, settings: Settings, env: NodeJS.ProcessEnv): Access {
  const account = env['CDK_DEFAULT_ACCOUNT'] || settings.AWS_ACCOUNT_ID
  if (!account) {
    throw new Failure(
      `env/.env.${environment} names no account, and there are no credentials`,
      'set AWS_ACCOUNT_ID there',
    )
  }
  return {
    account,
    partition: partitionOf(settings.AWS_REGION),
    environment,
    region: settings.AWS_REGION,
    repository: repositoryOf(settings),
    makesProvider: settings.GITHUB_OIDC_PROVIDER === 'create',
  }
}

function repositoryOf({ GITHUB_REPOSITORY, GITHUB_OWNER_ID, GITHUB_REPOSITORY_ID }: Settings): Repository | undefined {
  if (GITHUB_REPOSITORY === '') return undefined
  return { name: GITHUB_REPOSITORY, ownerId: GITHUB_OWNER_ID, id: GITHUB_REPOSITORY_ID }
}
