import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/**
 * One client for the process. Credentials and the endpoint come from the environment, as the SDK documents them
 * (task role, AWS_ENDPOINT_URL_DYNAMODB). A call fails after 3 seconds and a little at the latest: two attempts of 1.5 seconds.
 */
export function createClient(region: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    maxAttempts: 2,
    // without throwOnRequestTimeout the SDK only logs a warning and goes on waiting
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true },
  })
  return DynamoDBDocumentClient.from(client)
}
