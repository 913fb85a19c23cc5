import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../client.ts'
import { absentOrExpired, putItemIf, readItem } from './items.ts'

export type Codes = ReturnType<typeof codeRepository>

/** Which event a six-digit code leads to. Rejects with the SDK's error when DynamoDB does not answer. */
export function codeRepository(table: Table) {
  const keyOf = (code: string) => ({ pk: `CODE#${code}`, sk: 'CODE' })

  return {
    /** False: the code leads to another event, and has not expired. `expiresAt` in seconds. */
    async take(code: string, eventId: string, expiresAt: number): Promise<boolean> {
      return await putItemIf(table, { ...keyOf(code), event: eventId, expiresAt }, absentOrExpired())
    },

    /** The event's id. */
    async find(code: string): Promise<string | undefined> {
      const item = await readItem(table, keyOf(code))
      return item && String(item['event'])
    },

    async remove(code: string): Promise<void> {
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: keyOf(code) }))
    },
  }
}
