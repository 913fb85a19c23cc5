import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/lib-dynamodb'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Table } from '../client.ts'

export interface Key {
  pk: string
  sk: string
}

/** As DynamoDB returns it. */
export type Item = Record<string, unknown>

/** DynamoDB takes at most this many in one call. */
const batchSize = 25
/** Waits of at most 100, 200, 400 … ms between tries: a minute in all. */
const batchTries = 10

/**
 * DynamoDB deletes an expired item only within days: until then it is here, and counts as gone. An item without
 * `expiresAt` (seconds) stays. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
 */
export function isKept(item: Item, now = Date.now()): boolean {
  return item['expiresAt'] === undefined || Number(item['expiresAt']) * 1_000 > now
}

/** Strongly consistent; undefined when it is not there or has expired. */
export async function readItem(table: Table, key: Key): Promise<Item | undefined> {
  const { Item: item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }),
  )
  return item && isKept(item) ? item : undefined
}

/** Every page, in the order of `sk`, expired items included. Strongly consistent. */
export async function queryItems(table: Table, query: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> {
  const items: Item[] = []
  let from: QueryCommandOutput['LastEvaluatedKey']
  do {
    const page: QueryCommandOutput = await table.client.send(
      new QueryCommand({ ConsistentRead: true, ...query, TableName: table.name, ExclusiveStartKey: from }),
    )
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from)
  return items
}

export type Condition = Pick<
  ConstructorParameters<typeof PutCommand>[0],
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>

/**
 * Writes the item if the condition holds; false when it does not. The SDK's second attempt may be refused because of
 * the first, whose answer was lost: the nonce shows who wrote.
 */
export async function putItemIf(table: Table, item: Item & Key, condition: Condition): Promise<boolean> {
  const nonce = randomUUID()
  try {
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...item, nonce }, ...condition }))
    return true
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    const there = await readItem(table, { pk: item.pk, sk: item.sk })
    return there?.['nonce'] === nonce
  }
}

/** The item is absent, or is gone by the clock: then its place is free. */
export function absentOrExpired(now = Date.now()): Condition {
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
    ExpressionAttributeValues: { ':now': now / 1_000 },
  }
}

/** Deletes every item of a partition. Rejects when DynamoDB left some of it after a minute of tries. */
export async function removePartition(table: Table, pk: string): Promise<void> {
  const keys = await queryItems(table, {
    KeyConditionExpression: 'pk = :pk',
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: { ':pk': pk },
  })
  for (let start = 0; start < keys.length; start += batchSize) {
    await removeBatch(table, keys.slice(start, start + batchSize))
  }
}

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string]

async function removeBatch(table: Table, keys: Item[]): Promise<void> {
  let requests: Requests = keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }))
  for (let tried = 0; tried < batchTries; tried += 1) {
    const { UnprocessedItems } = await table.client.send(
      new BatchWriteCommand({ RequestItems: { [table.name]: requests } }),
    )
    requests = UnprocessedItems?.[table.name] ?? []
    if (requests.length === 0) return
    await sleep(100 * 2 ** tried * Math.random())
  }
  throw new Error(`DynamoDB did not delete ${requests.length} items of ${table.name}`)
}
