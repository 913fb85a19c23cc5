import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/lib-dynamodb'

export interface Connection {
  id: string
  /** ISO 8601. */
  connectedAt: string
}

export type Connections = ReturnType<typeof createConnections>

const pk = 'CONNECTION'

/**
 * Who is connected, over all tasks: a row for each open WebSocket, all in one partition so that one Query counts them.
 *
 * Limits, from one partition's 1,000 writes and 3,000 read units a second: with a heartbeat of 25 seconds the refreshes
 * of 25,000 connections fill it; a count of n rows costs about n/50 read units (100 bytes a row, strongly consistent),
 * so 5,000 connections can be counted some 30 times a second. Beyond that, shard the partition.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 *
 * Every function rejects with the SDK's error when DynamoDB cannot be reached or refuses.
 */
export function createConnections(client: DynamoDBDocumentClient, table: string) {
  return {
    /** Writes or refreshes a row that counts for the next `lifetimeSeconds`. */
    async put(connection: Connection, lifetimeSeconds: number): Promise<void> {
      const expiresAt = Math.ceil(Date.now() / 1000 + lifetimeSeconds)
      const { id, connectedAt } = connection
      await client.send(new PutCommand({ TableName: table, Item: { pk, sk: id, connectedAt, expiresAt } }))
    },

    async get(id: string): Promise<Connection | undefined> {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { pk, sk: id }, ConsistentRead: true }),
      )
      return Item && { id, connectedAt: String(Item['connectedAt']) }
    },

    async remove(id: string): Promise<void> {
      await client.send(new DeleteCommand({ TableName: table, Key: { pk, sk: id } }))
    },

    /**
     * Rows of tasks that died without cleaning up stop counting when they expire; DynamoDB itself deletes an expired
     * row only within days. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
     */
    async count(): Promise<number> {
      let counted = 0
      let from: QueryCommandOutput['LastEvaluatedKey']
      do {
        const page: QueryCommandOutput = await client.send(
          new QueryCommand({
            TableName: table,
            Select: 'COUNT',
            KeyConditionExpression: 'pk = :pk',
            FilterExpression: 'expiresAt > :now',
            ExpressionAttributeValues: { ':pk': pk, ':now': Date.now() / 1000 },
            ConsistentRead: true,
            ExclusiveStartKey: from,
          }),
        )
        counted += page.Count ?? 0
        from = page.LastEvaluatedKey
      } while (from)
      return counted
    },
  }
}
