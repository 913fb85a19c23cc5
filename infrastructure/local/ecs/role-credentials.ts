import { onBehalfOf, unsigned } from '../gateway/keys.ts'
import type { AwsClients } from './aws-clients.ts'
import { StartFailure } from './start-failure.ts'

/**
 * Environment that makes a container act as its task role. On AWS the SDK asks the task's credentials endpoint; that
 * address cannot be had here, so the role's keys are given as they are. Without a task role: none, as on AWS.
 * @param endpoint of the gateway, which must have seen the keys that it is to accept
 * @throws StartFailure when the role does not exist, or (where IAM is enforced) does not trust ECS
 */
export async function assumeTaskRole(
  roleArn: string | undefined,
  sessionName: string,
  endpoint: string,
  clients: AwsClients,
): Promise<Record<string, string>> {
  if (!roleArn) return {}
  await checkRole(roleArn, clients)
  const form = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: roleArn, RoleSessionName: sessionName }
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: unsigned('sts'), ...onBehalfOf('ecs-tasks.amazonaws.com') },
    body: new URLSearchParams(form),
  })
  const text = await response.text()
  const member = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? ''
  if (response.status === 403) throw cannotAssume(roleArn)
  if (!response.ok || !member('AccessKeyId')) throw new Error(`sts AssumeRole ${roleArn}: ${response.status} ${text}`)
  return {
    AWS_ACCESS_KEY_ID: member('AccessKeyId'),
    AWS_SECRET_ACCESS_KEY: member('SecretAccessKey'),
    AWS_SESSION_TOKEN: member('SessionToken'),
  }
}

/** @throws StartFailure in the words that ECS has for a role which is gone */
export async function checkRole(roleArn: string, clients: AwsClients): Promise<void> {
  const iam = await clients.iam()
  await iam.getRole({ RoleName: roleArn.slice(roleArn.lastIndexOf('/') + 1) }).catch((error: Error) => {
    if (error.name !== 'NoSuchEntity' && error.name !== 'NoSuchEntityException') throw error
    throw cannotAssume(roleArn)
  })
}

function cannotAssume(roleArn: string): StartFailure {
  return new StartFailure(
    `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
  )
}
