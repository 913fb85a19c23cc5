import type { AwsClients } from './aws-clients.ts'
import type { ContainerDefinition } from './model.ts'
import { StartFailure } from './start-failure.ts'

/**
 * Fetches the values of a container's `secrets`, each the ARN of a secret of Secrets Manager.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
 * @throws StartFailure with ECS's ResourceInitializationError
 */
export async function fetchSecrets(
  { secrets = [] }: ContainerDefinition,
  clients: AwsClients,
): Promise<{ name: string; value: string }[]> {
  return Promise.all(
    secrets.map(async ({ name, valueFrom }) => ({ name, value: await fetchSecret(valueFrom, clients) })),
  )
}

async function fetchSecret(arn: string, clients: AwsClients): Promise<string> {
  const client = await clients.secrets()
  const { SecretString = '' } = await client.getSecretValue({ SecretId: arn }).catch((error: Error) => {
    throw new StartFailure(
      `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${arn} from secrets manager: ${error.name}: ${error.message}`,
    )
  })
  return SecretString
}
