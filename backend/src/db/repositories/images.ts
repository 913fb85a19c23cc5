import type { Table } from '../client.ts'
import { putItemIf, readItem } from './items.ts'

export interface Image {
  bytes: Uint8Array
  /** `image/webp`, … */
  type: string
}

export type Images = ReturnType<typeof imageRepository>

/** Uploaded images by the SHA-256 of their bytes. Rejects with the SDK's error when DynamoDB does not answer. */
export function imageRepository(table: Table) {
  const keyOf = (sha256: string) => ({ pk: `IMAGE#${sha256}`, sk: 'IMAGE' })

  return {
    /** An image that is already there stays: the same name means the same bytes. */
    async put(sha256: string, { bytes, type }: Image): Promise<void> {
      await putItemIf(table, { ...keyOf(sha256), bytes, type }, { ConditionExpression: 'attribute_not_exists(pk)' })
    },

    async get(sha256: string): Promise<Image | undefined> {
      const item = await readItem(table, keyOf(sha256))
      return item && { bytes: item['bytes'] as Uint8Array, type: String(item['type']) }
    },
  }
}
