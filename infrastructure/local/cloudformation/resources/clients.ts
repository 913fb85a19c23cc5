import { createRequire } from 'node:module'
import type { CloudWatch } from '@aws-sdk/client-cloudwatch'
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import type { DynamoDB } from '@aws-sdk/client-dynamodb'
import type { IAM } from '@aws-sdk/client-iam'
import type { S3 } from '@aws-sdk/client-s3'
import type { SecretsManager } from '@aws-sdk/client-secrets-manager'
import type { SSM } from '@aws-sdk/client-ssm'
import type { LookUpSecret } from '../dynamic-references.ts'
import { validationError } from '../input.ts'
import { once } from '../../once.ts'
import { accessKeyId, region, secretAccessKey } from '../../settings.ts'

/** SDK clients of the services that moto answers; each is loaded when it is first asked for, so that start-up stays fast. */
export interface Clients {
  cloudWatch: () => CloudWatch
  dynamoDb: () => DynamoDB
  iam: () => IAM
  logs: () => CloudWatchLogs
  s3: () => S3
  secretsManager: () => SecretsManager
  ssm: () => SSM
  /** Text of an object; throws ValidationError, as CloudFormation does for a TemplateURL that it cannot read. */
  readObject: (bucket: string, key: string) => Promise<string>
  /** Value of an SSM parameter; undefined when there is none. */
  lookUpParameter: (name: string) => Promise<string | undefined>
  lookUpSecret: LookUpSecret
  close: () => void
}

// tsx compiles what import() loads: twice the time, and many megabytes more
const require = createRequire(import.meta.url)

export function createClients(endpoint: string): Clients {
  const options = { endpoint, region, credentials: { accessKeyId, secretAccessKey } }
  const opened: { destroy(): void }[] = []
  function lazy<Client extends { destroy(): void }>(service: string, open: (sdk: never) => Client) {
    return once((): Client => {
      const client = open(require(`@aws-sdk/client-${service}`) as never)
      opened.push(client)
      return client
    })
  }
  const s3 = lazy('s3', (sdk: typeof import('@aws-sdk/client-s3')) => new sdk.S3({ ...options, forcePathStyle: true }))
  const secretsManager = lazy(
    'secrets-manager',
    (sdk: typeof import('@aws-sdk/client-secrets-manager')) => new sdk.SecretsManager(options),
  )
  const ssm = lazy('ssm', (sdk: typeof import('@aws-sdk/client-ssm')) => new sdk.SSM(options))
  return {
    cloudWatch: lazy('cloudwatch', (sdk: typeof import('@aws-sdk/client-cloudwatch')) => new sdk.CloudWatch(options)),
    dynamoDb: lazy('dynamodb', (sdk: typeof import('@aws-sdk/client-dynamodb')) => new sdk.DynamoDB(options)),
    iam: lazy('iam', (sdk: typeof import('@aws-sdk/client-iam')) => new sdk.IAM(options)),
    logs: lazy(
      'cloudwatch-logs',
      (sdk: typeof import('@aws-sdk/client-cloudwatch-logs')) => new sdk.CloudWatchLogs(options),
    ),
    s3,
    secretsManager,
    ssm,

    async readObject(bucket, key) {
      try {
        const { Body } = await s3().getObject({ Bucket: bucket, Key: key })
        return (await Body?.transformToString()) ?? ''
      } catch (error) {
        throw validationError(`S3 error: ${(error as Error).message}`)
      }
    },

    async lookUpParameter(name) {
      try {
        const { Parameter } = await ssm().getParameter({ Name: name, WithDecryption: false })
        return Parameter?.Value
      } catch (error) {
        if ((error as Error).name === 'ParameterNotFound') return undefined
        throw error
      }
    },

    async lookUpSecret(SecretId) {
      try {
        return (await secretsManager().getSecretValue({ SecretId })).SecretString
      } catch (error) {
        if ((error as Error).name === 'ResourceNotFoundException') return undefined
        throw error
      }
    },

    close() {
      for (const client of opened) client.destroy()
    },
  }
}
