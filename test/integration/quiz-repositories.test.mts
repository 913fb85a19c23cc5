/** The quiz's repositories on moto, a second judge beside dynalite, in front of which backend/test runs the same. */
import { after, before, describe } from 'node:test'
import { createTable } from '../../backend/local/dynamodb.ts'
import { describeRepositories } from '../../backend/test/repositories.ts'
import { openTable, type Table } from '../../backend/src/db/client.ts'
import type { Moto } from '../../infrastructure/local/testing.ts'
import { startWorld } from './support/world.mts'

describe('the repositories on moto', () => {
  let moto: Moto
  let live: Table
  before(async () => {
    moto = await startWorld()
    live = openTable('us-east-1', 'application').live
    await createTable(process.env['AWS_ENDPOINT_URL']!, live.name)
  })
  after(() => moto.close())
  describeRepositories(() => live)
})
