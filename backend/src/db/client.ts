import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** The application table, reached over connections of its own. */
export interface Table {
  name: string
  client: DynamoDBDocumentClient
}

/** Calls under way at once in one lane, each on a connection of its own. */
const concurrency = 50

/**
 * The application table in two lanes, and how often DynamoDB throttled a call of either. `live`: what a running event waits for (the log's writer and tail, SEEN, leases).
 * `rest`: everything else. Neither ever waits behind the other, so a CSV of 5,000 players delays no answer.
 */
export function openTable(region: string, name: string) {
  let throttles = 0
  const open = (): Table => ({ name, client: createClient(region, () => (throttles += 1)) })
  return { live: open(), rest: open(), throttles: () => throttles }
}

export type OpenTable = ReturnType<typeof openTable>

/** How DynamoDB refuses a call that it has no capacity for. The SDK tries it again by itself. */
const throttled = new Set(['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException'])

/** How Node calls a network that does not carry a call; the SDK calls its own time-outs TimeoutError. */
const unreachable = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN'.split(' '),
)

/** Whether DynamoDB did not answer, or could not: not when it refused for good, such as without a permission. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } }
  if (error.name === 'TimeoutError' || throttled.has(error.name) || unreachable.has(String(code))) return true
  return ($metadata?.httpStatusCode ?? 0) >= 500
}

/**
 * One lane. Credentials and the endpoint come from the environment, as the SDK documents them (task role,
 * AWS_ENDPOINT_URL_DYNAMODB). A call fails after 3 seconds and a little at the latest, two attempts of 1.5 seconds; only
 * its own time counts, not the time that it waits for its turn.
 *
 * A write that times out or gets a 500 may have been done all the same. One that is refused may have been refused
 * because of itself: its first attempt was done, the answer was lost, and the SDK tried again.
 * https://github.com/aws/aws-sdk-java/issues/2667
 */
export function createClient(region: string, countThrottle: () => void = () => {}): DynamoDBDocumentClient {
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
  // around what reads the answer: each attempt counts, also those that are tried again
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        if (error instanceof Error && throttled.has(error.name)) countThrottle()
        throw error
      }
    },
    { step: 'deserialize', priority: 'high' },
  )
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
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
