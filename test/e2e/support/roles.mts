import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoggedCall } from '../../../infrastructure/local/testing.ts'
import type { Environment } from '../../../lib/environment/environments.mts'
import type { Checkout } from './checkout.mts'

/** The repository whose jobs the roles of `make access` trust. */
export const repository = 'acme/quiz'

/** What an environment has to say before `make access` makes its roles. */
const settings = [
  'PERMISSIONS_BOUNDARY=live-quiz-boundary',
  `GITHUB_REPOSITORY=${repository}`,
  'GITHUB_OWNER_ID=11',
  'GITHUB_REPOSITORY_ID=22',
]

export function addAccessSettings({ path }: Checkout, environments: readonly Environment[]): void {
  for (const environment of environments)
    appendFileSync(join(path, 'env', `.env.${environment}`), `${settings.join('\n')}\n`)
}

interface RoleSession {
  Credentials: Record<'AccessKeyId' | 'SecretAccessKey' | 'SessionToken', string>
  AssumedRoleUser: { Arn: string }
}

/** Assumes a role as a job on GitHub does. Fails where the role does not trust the subject, or gives no session so long. */
export async function assumeByToken(
  copy: Checkout,
  role: string,
  subject: string,
  name: string,
  seconds = '3600',
): Promise<RoleSession> {
  const session = ['--role-arn', role, '--role-session-name', name, '--web-identity-token', tokenOf(subject)]
  return await copy.aws('sts', 'assume-role-with-web-identity', ...session, '--duration-seconds', seconds)
}

/** A token as GitHub gives it to a job; nobody here can check its signature. */
function tokenOf(subject: string): string {
  const claims = { iss: 'https://token.actions.githubusercontent.com', aud: 'sts.amazonaws.com', sub: subject }
  return ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2ln'].join('.')
}

/** What the session of a role asked for and did not get, since the given line of the call log. */
export function deniedCalls(copy: Checkout, since = 0): LoggedCall[] {
  return (
    copy
      .calls(since)
      // cdk tries its own roles first, and continues as who it is
      .filter(({ service, resource }) => service !== 'sts' || !/role\/cdk-/.test(resource ?? ''))
      // and skopeo in every repository where this machine has ever seen the layer
      .filter(({ action }) => action !== 'BatchCheckLayerAvailability')
      // and docker offers to mount layers from where it pushed them before, on this machine; where that is refused, it uploads
      .filter(({ needs }) => !needs?.some((need) => need.action === 'ecr:BatchCheckLayerAvailability'))
      .filter(({ error, caller }) => /AccessDenied|DENIED/.test(error ?? '') && /assumed-role/.test(caller))
  )
}
