import type { AwsClients } from './aws-clients.ts'
import type { ContainerDefinition } from './model.ts'
import { StartFailure } from './start-failure.ts'

/**
 * Fetches the values of a container's `secrets`: Secrets Manager (`<arn>[:<json key>[:<version stage>[:<version id>]]]`)
 * and Parameter Store (an ARN or a bare name).
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
 * @throws StartFailure with ECS's ResourceInitializationError
 */
export async function fetchSecrets(
  { secrets = [] }: ContainerDefinition,
  clients: AwsClients,
): Promise<{ name: string; value: string }[]> {
  return Promise.all(
    secrets.map(async ({ name, valueFrom }) => ({
      name,
      value: valueFrom.startsWith('arn:aws:secretsmanager:')
        ? await secret(valueFrom, clients)
        : await parameter(valueFrom, clients),
    })),
  )
}

const initializationError =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: '

/** The two parts of a reference: the secret's own ARN has seven, what follows picks a part of its value. */
export function parseSecretReference(reference: string) {
  const parts = reference.split(':')
  const [key, stage, version] = parts.slice(7)
  return { secretId: parts.slice(0, 7).join(':'), key, stage, version }
}

async function secret(reference: string, clients: AwsClients): Promise<string> {
  const { secretId, key, stage, version } = parseSecretReference(reference)
  const fromSecretsManager = `${initializationError}unable to retrieve secret from asm: service call has been retried 1 time(s): `
  const client = await clients.secrets()
  const found = await client
    .getSecretValue({
      SecretId: secretId,
      ...(stage && { VersionStage: stage }),
      ...(version && { VersionId: version }),
    })
    .catch((error: Error) => {
      throw new StartFailure(
        `${fromSecretsManager}failed to fetch secret ${secretId} from secrets manager: ${error.name}: ${error.message}`,
      )
    })
  const text = found.SecretString ?? ''
  if (!key) return text
  const value = jsonMember(text, key)
  if (value === undefined) {
    throw new StartFailure(`${fromSecretsManager}retrieved secret from Secrets Manager did not contain json key ${key}`)
  }
  return value
}

function jsonMember(text: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown>)[key]
    return typeof value === 'string' ? value : JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** An ARN leaves the first slash of a hierarchical name out. */
export function parameterName(reference: string): string {
  const path = reference.split(':parameter/')[1]
  return path === undefined ? reference : path.includes('/') ? `/${path}` : path
}

async function parameter(reference: string, clients: AwsClients): Promise<string> {
  const name = parameterName(reference)
  const client = await clients.parameters()
  const { Parameters } = await client.getParameters({ Names: [name], WithDecryption: true })
  const value = Parameters?.[0]?.Value
  if (value === undefined) {
    throw new StartFailure(
      `${initializationError}unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: ${name}`,
    )
  }
  return value
}
