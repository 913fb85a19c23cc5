import { fromAttributes, toAttributes, type Attributes } from '../../../lib/ledger/ledger.mts'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { lockKey, type Lock } from '../../../lib/ledger/lock.mts'
import type { ReleaseRecord } from '../../../lib/ledger/record.mts'

/*
 * Staging's ledger, as the stack makes it and as someone else sees it: asked of DynamoDB itself. An aws for each look
 * would cost more than what the tests are about.
 */
const TableName = environmentNames('staging').ledger

export async function createTable(): Promise<void> {
  await call('CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
  })
}

/** Also when there is none. */
export async function dropTable(): Promise<void> {
  const { TableNames } = await call<{ TableNames: string[] }>('ListTables', {})
  if (TableNames.includes(TableName)) await call('DeleteTable', { TableName })
}

/** Whatever is there. */
export async function write(item: object): Promise<void> {
  await call('PutItem', { TableName, Item: toAttributes(item) })
}

export async function storedLock(): Promise<Lock | undefined> {
  const { Item } = await call<{ Item?: Attributes }>('GetItem', { TableName, Key: toAttributes(lockKey) })
  return Item && (fromAttributes(Item) as unknown as Lock)
}

/** Newest first. */
export async function storedRecords(): Promise<ReleaseRecord[]> {
  const { Items } = await call<{ Items: Attributes[] }>('Query', {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: toAttributes({ ':pk': 'release' }),
    ScanIndexForward: false,
  })
  return Items.map((item) => {
    const { pk: _pk, sk: _sk, ...record } = fromAttributes(item)
    return record as unknown as ReleaseRecord
  })
}

async function call<Answer>(action: string, input: object): Promise<Answer> {
  const answer = await fetch(process.env['AWS_ENDPOINT_URL']!, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${action}`,
      // moto finds service and region in it, and looks no further
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/dynamodb/aws4_request',
    },
    body: JSON.stringify(input),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${action}: ${text}`)
  return JSON.parse(text) as Answer
}
