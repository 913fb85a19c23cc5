import { createHash, randomUUID, type Hash } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** An upload of a blob, in one or more chunks. */
export interface Upload {
  id: string
  repository: string
  size: number
  hash: Hash
  file: string
}

/** Layers and image configurations by digest, on disk. They are streamed: a layer is never in memory as a whole. */
export interface Blobs {
  begin(repository: string): Upload
  find(id: string): Upload | undefined
  /** Appends a chunk. An upload whose chunk breaks off is given up: its hash is lost. */
  append(upload: Upload, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Keeps what was uploaded if it has this digest; the upload is over either way. */
  finish(upload: Upload, digest: string): Promise<boolean>
  cancel(upload: Upload): Promise<void>
  /** Bytes; undefined: no such blob. */
  size(digest: string): Promise<number | undefined>
  read(digest: string): Readable
  /** For an image's configuration, which is small. */
  text(digest: string): Promise<string>
  remove(digest: string): Promise<void>
}

/** @param directory emptied first: what an earlier process left belongs to repositories that are gone */
export function createBlobs(directory: string): Blobs {
  const uploads = new Map<string, Upload>()
  rmSync(directory, { recursive: true, force: true })
  for (const folder of ['blobs', 'uploads']) mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 })
  const fileOf = (digest: string) => join(directory, 'blobs', digest.replace('sha256:', ''))

  const end = (upload: Upload): void => void uploads.delete(upload.id)
  const cancel = async (upload: Upload): Promise<void> => {
    end(upload)
    await rm(upload.file, { force: true })
  }

  return {
    begin(repository) {
      const id = randomUUID()
      const upload = { id, repository, size: 0, hash: createHash('sha256'), file: join(directory, 'uploads', id) }
      uploads.set(id, upload)
      return upload
    },
    find: (id) => uploads.get(id),
    async append(upload, chunks) {
      const file = await open(upload.file, 'a', 0o600)
      try {
        for await (const chunk of chunks) {
          await file.writeFile(chunk)
          upload.hash.update(chunk)
          upload.size += chunk.length
        }
      } catch (error) {
        await cancel(upload)
        throw error
      } finally {
        await file.close()
      }
    },
    async finish(upload, digest) {
      if (`sha256:${upload.hash.digest('hex')}` !== digest) {
        await cancel(upload)
        return false
      }
      end(upload)
      await rename(upload.file, fileOf(digest))
      return true
    },
    cancel,
    size: (digest) =>
      stat(fileOf(digest)).then(
        (file) => file.size,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined
          throw error
        },
      ),
    read: (digest) => createReadStream(fileOf(digest)),
    text: (digest) => readFile(fileOf(digest), 'utf8'),
    remove: (digest) => rm(fileOf(digest), { force: true }),
  }
}
