import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { FoldedItem, LogRecord } from '../../types/records.ts'
import type { Table } from '../client.ts'
import { isKept, type Item, queryItems, removePartition } from './items.ts'

export interface LogItem extends FoldedItem {
  /** Random: by it the writer finds its own item when it does not know whether a write was done. */
  nonce: string
}

/**
 * What is known of a write. `taken`: the place has an item; it may be this very one, whose first answer was lost.
 * `unknown`: it may have been done, or may still be done.
 */
export type Appended = { outcome: 'written' } | { outcome: 'taken' } | { outcome: 'unknown'; error: unknown }

export type LogRepository = ReturnType<typeof logRepository>

/** How many updates of a log that is kept for longer are under way at once. */
const width = 4

/** The numbered log of each event. All but `append` reject with the SDK's error when DynamoDB does not answer. */
export function logRepository(table: Table) {
  const pkOf = (eventId: string) => `LOG#${eventId}`

  async function keep({ pk, sk }: Item, expiresAt: number): Promise<void> {
    try {
      await table.client.send(
        new UpdateCommand({
          TableName: table.name,
          Key: { pk, sk },
          UpdateExpression: 'SET expiresAt = :expiresAt',
          // an update would put an erased item back; a task that is behind must not undo what another one has moved
          ConditionExpression: 'attribute_exists(pk) AND expiresAt < :expiresAt',
          ExpressionAttributeValues: { ':expiresAt': expiresAt },
        }),
      )
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  return {
    /** Writes the item at its number if nothing is there. Never rejects. `expiresAt` in seconds. */
    async append(eventId: string, item: LogItem, expiresAt: number): Promise<Appended> {
      const { number, records, ...fields } = item
      // one attribute of text: 1,500 answers as lists of numbers would take ten times as long to pack
      const row = { pk: pkOf(eventId), sk: placeOf(number), ...fields, records: JSON.stringify(records), expiresAt }
      try {
        await table.client.send(
          new PutCommand({ TableName: table.name, Item: row, ConditionExpression: 'attribute_not_exists(pk)' }),
        )
        return { outcome: 'written' }
      } catch (error) {
        return error instanceof ConditionalCheckFailedException ? { outcome: 'taken' } : { outcome: 'unknown', error }
      }
    },

    /**
     * Every item after that number, in order; strongly consistent. None when one of them has expired or is missing: the
     * log has expired or was erased, and what is left of it must not be read as if it were all.
     */
    async read(eventId: string, after: number): Promise<LogItem[]> {
      const items = await queryItems(table, {
        KeyConditionExpression: 'pk = :pk AND sk > :last',
        ExpressionAttributeValues: { ':pk': pkOf(eventId), ':last': placeOf(after) },
      })
      const whole = items.every((item, index) => isKept(item) && Number(item['sk']) === after + 1 + index)
      return whole ? items.map(itemOf) : []
    },

    /**
     * Moves the time at which the log expires, in seconds, never back. The last item first: where this breaks off, the first items
     * expire first, and `read` sees that something is missing.
     */
    async keepUntil(eventId: string, expiresAt: number): Promise<void> {
      const rows = await queryItems(table, {
        KeyConditionExpression: 'pk = :pk',
        ProjectionExpression: 'pk, sk',
        ExpressionAttributeValues: { ':pk': pkOf(eventId) },
      })
      rows.reverse()
      for (let start = 0; start < rows.length; start += width) {
        await Promise.all(rows.slice(start, start + width).map((row) => keep(row, expiresAt)))
      }
    },

    /** The event is erased. */
    async remove(eventId: string): Promise<void> {
      await removePartition(table, pkOf(eventId))
    },
  }
}

/** Eight digits, so that the order of the texts is that of the numbers. */
function placeOf(number: number): string {
  return String(number).padStart(8, '0')
}

function itemOf(item: Item): LogItem {
  return {
    number: Number(item['sk']),
    format: Number(item['format']),
    by: String(item['by']),
    nonce: String(item['nonce']),
    at: Number(item['at']),
    records: JSON.parse(String(item['records'])) as LogRecord[],
  }
}
