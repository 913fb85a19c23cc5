import { once } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'

// CommonJS, and without types of its own
const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server

/**
 * A DynamoDB in memory on 127.0.0.1, for `npm run dev` and the tests: dynalite, with the application's table.
 * dynalite checks no credentials and deletes nothing when its time to live is over.
 */
export async function startDynamoDb(table: string, port = 0) {
  const server = dynalite({ createTableMs: 0 })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await createTable(endpoint, table)

  return {
    endpoint,
    /** What is under way is answered first, for up to a second: dynalite throws where a call finds its store closed. */
    async close(): Promise<void> {
      const idle = setInterval(() => server.closeIdleConnections(), 10)
      const force = setTimeout(() => server.closeAllConnections(), 1_000)
      await new Promise((resolve) => server.close(resolve))
      clearInterval(idle)
      clearTimeout(force)
    },
  }
}

/** As the stack makes it. */
export async function createTable(endpoint: string, table: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
  client.destroy()
}
