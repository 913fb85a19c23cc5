import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** Calls under way at once, each on a connection of its own. */
const concurrency = 50

/**
 * One client for the process. Credentials and the endpoint come from the environment, as the SDK documents them
 * (task role, AWS_ENDPOINT_URL_DYNAMODB). A call fails after 3 seconds and a little at the latest, two attempts of
 * 1.5 seconds; only its own time counts, not the time that it waits for its turn.
 */
export function createClient(region: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 1_500,
      // without it the SDK only logs a warning and keeps waiting
      throwOnRequestTimeout: true,
      httpsAgent: { maxSockets: concurrency },
      httpAgent: { maxSockets: concurrency },
    },
  })
  // The SDK's time-outs run while a call waits for a free socket: without this queue, a thousand pages that reconnect
  // at once after a deployment would all time out, retry and time out again.
  const inTurn = createQueue(concurrency)
  client.middlewareStack.add((next) => (args) => inTurn(() => next(args)), { step: 'initialize' })
  return DynamoDBDocumentClient.from(client)
}

/** Runs up to `limit` calls at once; the others wait, first come, first served. */
function createQueue(limit: number) {
  const waiting: (() => void)[] = []
  let underWay = 0
  return async <T>(call: () => Promise<T>): Promise<T> => {
    if (underWay < limit) underWay += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await call()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else underWay -= 1
    }
  }
}
