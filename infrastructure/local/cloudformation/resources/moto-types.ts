import type { ResourceTypes } from '../resource-type.ts'
import type { Clients } from './clients.ts'
import { cloudWatchTypes } from './cloudwatch.ts'
import { dynamoDbTypes } from './dynamodb.ts'
import { iamTypes } from './iam.ts'
import { logsTypes } from './logs.ts'
import { recordedTypes } from './recorded.ts'
import { s3Types } from './s3.ts'
import { secretsManagerTypes } from './secretsmanager.ts'
import { ssmTypes } from './ssm.ts'

/** Every resource type that needs no room of its own. */
export function motoTypes(clients: Clients): ResourceTypes {
  return {
    ...recordedTypes,
    ...cloudWatchTypes(clients),
    ...dynamoDbTypes(clients),
    ...iamTypes(clients),
    ...logsTypes(clients),
    ...s3Types(clients),
    ...secretsManagerTypes(clients),
    ...ssmTypes(clients),
  }
}
