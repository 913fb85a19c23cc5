import { once } from '../once.ts'
import { accessKeyId, region, secretAccessKey } from '../settings.ts'

/**
 * Clients for what tasks need of moto. The SDK is loaded when the first task starts, not when the process does.
 * @param endpoint moto's
 */
export function createAwsClients(endpoint: string) {
  const configuration = { endpoint, region, credentials: { accessKeyId, secretAccessKey } }
  return {
    alarms: once(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatch(configuration)),
    logs: once(async () => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogs(configuration)),
    secrets: once(async () => new (await import('@aws-sdk/client-secrets-manager')).SecretsManager(configuration)),
    iam: once(async () => new (await import('@aws-sdk/client-iam')).IAM(configuration)),
  }
}

export type AwsClients = ReturnType<typeof createAwsClients>
