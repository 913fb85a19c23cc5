import { after, before, describe } from 'node:test'
import { openTable, type Table } from '../src/db/client.ts'
import { startDynamoDb } from '../local/dynamodb.ts'
import { env, table } from './backend.ts'
import { describeRepositories } from './repositories.ts'

describe('the repositories on dynalite', () => {
  let database: Awaited<ReturnType<typeof startDynamoDb>>
  let live: Table
  before(async () => {
    database = await startDynamoDb(table)
    Object.assign(process.env, env, { AWS_ENDPOINT_URL_DYNAMODB: database.endpoint })
    live = openTable('us-east-1', table).live
  })
  after(() => database.close())
  describeRepositories(() => live)
})
