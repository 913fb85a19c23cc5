import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
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

    /** Moves the time at which the code expires, in seconds, unless it leads to another event or nowhere by now. */
    async keepUntil(code: string, eventId: string, expiresAt: number): Promise<void> {
      try {
        await table.client.send(
          new UpdateCommand({
            TableName: table.name,
            Key: keyOf(code),
            UpdateExpression: 'SET expiresAt = :expiresAt',
            ConditionExpression: '#event = :event AND expiresAt < :expiresAt',
            ExpressionAttributeNames: { '#event': 'event' },
            ExpressionAttributeValues: { ':event': eventId, ':expiresAt': expiresAt },
          }),
        )
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    },

    async remove(code: string): Promise<void> {
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: keyOf(code) }))
    },
  }
}
