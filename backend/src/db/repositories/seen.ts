import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../client.ts'
import { isKept, type Item, queryItems, removePartition } from './items.ts'

/** What one task says about the sockets that it has of one event. */
export interface Seen {
  /** The task's id. */
  task: string
  /** Players with a socket, each counted once. */
  connected: number
  /** Those of them that have not answered the question yet that is `version`'s. */
  unanswered: number
  hosts: number
  screens: number
  /** The event's version when the task counted. */
  version: number
  release: string
  draining: boolean
  /** Milliseconds, by the task's clock. */
  at: number
}

export type SeenRepository = ReturnType<typeof seenRepository>

/** Who is connected where. Rejects with the SDK's error when DynamoDB does not answer. */
export function seenRepository(table: Table) {
  const pkOf = (eventId: string) => `SEEN#${eventId}`

  return {
    /** `expiresAt` in seconds. */
    async put(eventId: string, { task, ...seen }: Seen, expiresAt: number): Promise<void> {
      const item = { pk: pkOf(eventId), sk: task, ...seen, expiresAt }
      await table.client.send(new PutCommand({ TableName: table.name, Item: item }))
    },

    /** What every task said last, however long ago. */
    async list(eventId: string): Promise<Seen[]> {
      const items = await queryItems(table, {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pkOf(eventId) },
      })
      return items.filter((item) => isKept(item)).map(seenOf)
    },

    /**
     * A task that has no socket of the event left takes its row back. What it has written after `saidAt`, in milliseconds,
     * stays: its sockets may have come back meanwhile.
     */
    async remove(eventId: string, task: string, saidAt: number): Promise<void> {
      const command = new DeleteCommand({
        TableName: table.name,
        Key: { pk: pkOf(eventId), sk: task },
        ConditionExpression: '#at <= :saidAt',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':saidAt': saidAt },
      })
      await table.client.send(command).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      })
    },

    /** Every task's row: the event is erased. */
    async removeAll(eventId: string): Promise<void> {
      await removePartition(table, pkOf(eventId))
    },
  }
}

function seenOf(item: Item): Seen {
  const { pk: _pk, sk, expiresAt: _expiresAt, ...seen } = item
  return { ...seen, task: String(sk) } as unknown as Seen
}
