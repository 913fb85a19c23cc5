import type { CloudWatch } from '@aws-sdk/client-cloudwatch'
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import type { DynamoDB } from '@aws-sdk/client-dynamodb'
import type { EC2 } from '@aws-sdk/client-ec2'
import type { IAM } from '@aws-sdk/client-iam'
import type { S3 } from '@aws-sdk/client-s3'
import type { SecretsManager } from '@aws-sdk/client-secrets-manager'
import type { SNS } from '@aws-sdk/client-sns'
import type { SSM } from '@aws-sdk/client-ssm'
import { AwsError } from '../../gateway/room.ts'
import { accessKeyId, region, secretAccessKey } from '../../settings.ts'

/** SDK clients of the services that moto answers; each is loaded when it is first asked for, so that start-up stays fast. */
export interface Clients {
  cloudWatch: () => Promise<CloudWatch>
  dynamoDb: () => Promise<DynamoDB>
  ec2: () => Promise<EC2>
  iam: () => Promise<IAM>
  logs: () => Promise<CloudWatchLogs>
  s3: () => Promise<S3>
  secretsManager: () => Promise<SecretsManager>
  sns: () => Promise<SNS>
  ssm: () => Promise<SSM>
  /** Text of an object; throws ValidationError, as CloudFormation does for a TemplateURL that it cannot read. */
  readObject: (bucket: string, key: string) => Promise<string>
  /** Value of an SSM parameter; undefined when there is none. */
  ssmLookup: (name: string) => Promise<string | undefined>
  close: () => void
}

export function createClients(endpoint: string): Clients {
  const options = { endpoint, region, credentials: { accessKeyId, secretAccessKey } }
  const opened: { destroy(): void }[] = []
  const lazy = <Client extends { destroy(): void }>(open: () => Promise<Client>): (() => Promise<Client>) => {
    let client: Promise<Client> | undefined
    return () =>
      (client ??= open().then((created) => {
        opened.push(created)
        return created
      }))
  }
  const s3 = lazy(async () => new (await import('@aws-sdk/client-s3')).S3({ ...options, forcePathStyle: true }))
  const ssm = lazy(async () => new (await import('@aws-sdk/client-ssm')).SSM(options))
  return {
    cloudWatch: lazy(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatch(options)),
    dynamoDb: lazy(async () => new (await import('@aws-sdk/client-dynamodb')).DynamoDB(options)),
    ec2: lazy(async () => new (await import('@aws-sdk/client-ec2')).EC2(options)),
    iam: lazy(async () => new (await import('@aws-sdk/client-iam')).IAM(options)),
    logs: lazy(async () => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogs(options)),
    s3,
    secretsManager: lazy(async () => new (await import('@aws-sdk/client-secrets-manager')).SecretsManager(options)),
    sns: lazy(async () => new (await import('@aws-sdk/client-sns')).SNS(options)),
    ssm,

    async readObject(bucket, key) {
      try {
        const { Body } = await (await s3()).getObject({ Bucket: bucket, Key: key })
        return (await Body?.transformToString()) ?? ''
      } catch (error) {
        throw new AwsError('ValidationError', `S3 error: ${(error as Error).message}`)
      }
    },

    async ssmLookup(name) {
      try {
        const { Parameter } = await (await ssm()).getParameter({ Name: name, WithDecryption: false })
        return Parameter?.Value
      } catch (error) {
        if ((error as Error).name === 'ParameterNotFound') return undefined
        throw error
      }
    },

    close() {
      for (const client of opened) client.destroy()
    },
  }
}
