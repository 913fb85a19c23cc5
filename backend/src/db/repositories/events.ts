import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Language } from '../../types/quiz.ts'
import type { Table } from '../client.ts'
import { isKept, type Item, putItemIf, queryItems, readItem } from './items.ts'

/** Times are in milliseconds, but `expiresAt`, which DynamoDB reads: seconds. */
export interface QuizEvent {
  id: string
  title: string
  /** What a page shows before it joins. */
  language: Language
  generatedNames: boolean
  /** Six digits. */
  code: string
  /** SHA-256 of the tokens in the host's and the screen's link, base64url. */
  hostHash: string
  screenHash: string
  createdAt: number
  startedAt?: number | undefined
  endedAt?: number | undefined
  /** Who has joined and was not removed, as the last lease had it. */
  players: number
  /** Ten minutes after a player was last connected. */
  liveUntil: number
  expiresAt: number
}

export type Events = ReturnType<typeof eventRepository>

const pk = 'EVENT'

/**
 * What there is to know of an event without reading its log. An expired event is gone. Rejects with the SDK's error when
 * DynamoDB does not answer.
 */
export function eventRepository(table: Table) {
  /** Never puts an erased event back; false when it is not there, or is not as `condition` says. */
  async function update(id: string, expression: string, values: Item, condition = ''): Promise<boolean> {
    const given = Object.entries(values).filter(([name]) => expression.includes(`:${name}`))
    try {
      await table.client.send(
        new UpdateCommand({
          TableName: table.name,
          Key: { pk, sk: id },
          UpdateExpression: expression,
          ConditionExpression: `attribute_exists(pk)${condition}`,
          ExpressionAttributeValues: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
        }),
      )
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }

  return {
    /** False when the id is taken. */
    async create({ id, ...event }: QuizEvent): Promise<boolean> {
      return await putItemIf(table, { pk, sk: id, ...event }, { ConditionExpression: 'attribute_not_exists(pk)' })
    },

    async get(id: string): Promise<QuizEvent | undefined> {
      const item = await readItem(table, { pk, sk: id })
      return item && eventOf(item)
    },

    /** All that have not expired, the newest first. */
    async list(): Promise<QuizEvent[]> {
      const items = await queryItems(table, {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
      })
      const kept = items.filter((item) => isKept(item)).map(eventOf)
      return kept.toSorted((one, other) => other.createdAt - one.createdAt)
    },

    /** Those that had a player in the last ten minutes and have not ended. */
    async listLive(now = Date.now()): Promise<QuizEvent[]> {
      const items = await queryItems(table, {
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: 'liveUntil > :now AND attribute_not_exists(endedAt)',
        ExpressionAttributeValues: { ':pk': pk, ':now': now },
      })
      return items.filter((item) => isKept(item, now)).map(eventOf)
    },

    /** Says that the event is live; false when it is not there any more. `startedAt` is kept from the first time. */
    async renewLease(
      id: string,
      lease: { players: number; liveUntil: number; startedAt?: number | undefined },
    ): Promise<boolean> {
      const started = lease.startedAt === undefined ? '' : ', startedAt = if_not_exists(startedAt, :startedAt)'
      return await update(id, `SET players = :players, liveUntil = :liveUntil${started}`, lease)
    },

    /** False when the event is not there. */
    async end(id: string, end: { endedAt: number; players: number; expiresAt: number }): Promise<boolean> {
      return await update(id, 'SET endedAt = :endedAt, players = :players, expiresAt = :expiresAt', end)
    },

    /** In seconds, never back. */
    async keepUntil(id: string, expiresAt: number): Promise<void> {
      await update(id, 'SET expiresAt = :expiresAt', { expiresAt }, ' AND expiresAt < :expiresAt')
    },

    /** New links; the old ones lead nowhere from now on. False when the event is not there. */
    async changeLinks(id: string, hashes: { hostHash: string; screenHash: string }): Promise<boolean> {
      return await update(id, 'SET hostHash = :hostHash, screenHash = :screenHash', hashes)
    },

    async remove(id: string): Promise<void> {
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk: id } }))
    },
  }
}

function eventOf(item: Item): QuizEvent {
  const { pk: _pk, sk, nonce: _nonce, ...event } = item
  return { ...event, id: String(sk) } as unknown as QuizEvent
}
