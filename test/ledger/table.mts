import { toAttributes } from '../../lib/attributes.mts'
import { environmentNames } from '../../lib/environments.mts'
import { probe, read, run } from '../../lib/shell.mts'

/** Staging's ledger, as the stack makes it. */
const table = environmentNames('staging').ledger

export async function createTable(): Promise<void> {
  const keys = ['AttributeName=pk,KeyType=HASH', 'AttributeName=sk,KeyType=RANGE']
  const attributes = ['AttributeName=pk,AttributeType=S', 'AttributeName=sk,AttributeType=S']
  await read`aws dynamodb create-table --table-name ${table} --billing-mode PAY_PER_REQUEST --key-schema ${keys} --attribute-definitions ${attributes}`
}

export async function dropTable(): Promise<void> {
  const { exitCode, stderr, failed } = await probe`aws dynamodb delete-table --table-name ${table}`
  if (exitCode !== 0 && !/ResourceNotFoundException/.test(stderr)) throw failed()
}

/** Whatever is there. */
export async function write(item: object): Promise<void> {
  await run`aws dynamodb put-item --table-name ${table} --item ${JSON.stringify(toAttributes(item))}`
}
