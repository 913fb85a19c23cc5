import { createHash } from 'node:crypto'
import type { Image } from '../db/repositories/images.ts'

/** As the image repository has them. */
interface Images {
  put: (sha256: string, image: Image) => Promise<void>
  get: (sha256: string) => Promise<Image | undefined>
}

export type Media = ReturnType<typeof createMedia>

/** The largest image, in bytes: DynamoDB holds 400 KB an item. */
export const maxImageBytes = 300 * 1_024

const signatures: { type: string; isOf: (bytes: Buffer) => boolean }[] = [
  { type: 'image/jpeg', isOf: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])) },
  { type: 'image/png', isOf: (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')) },
  {
    type: 'image/webp',
    isOf: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 15) === 'WEBPVP8',
  },
]

/** The type of an image by its bytes, whatever its name or sender says: JPEG, PNG or WebP; undefined for all else. */
function imageTypeOf(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return signatures.find(({ isOf }) => isOf(buffer))?.type
}

/** The images of all quizzes. An image is named by its bytes, so it never changes, and is stored once. */
export function createMedia(images: Images) {
  return {
    /** Stores an image. @returns its id, or undefined when it is no JPEG, PNG or WebP. */
    async add(bytes: Uint8Array): Promise<{ id: string; type: string } | undefined> {
      const type = imageTypeOf(bytes)
      if (type === undefined) return undefined
      const id = createHash('sha256').update(bytes).digest('hex')
      await images.put(id, { bytes, type })
      return { id, type }
    },

    async get(id: string): Promise<Image | undefined> {
      return await images.get(id)
    },
  }
}
