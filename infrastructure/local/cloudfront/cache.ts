import type { HeaderList } from '../http/headers.ts'
import { decoded } from '../http/percent-encoding.ts'

/** A response as it is kept. */
export interface StoredResponse {
  status: number
  statusMessage: string
  headers: HeaderList
  body: Buffer
  /** The origin's validator: compressing has weakened the one in `headers`. */
  originEtag: string | undefined
  /** Milliseconds since the epoch. */
  storedAt: number
  freshUntil: number
  /** As the viewer asked and as a function rewrote it: an invalidation may name either. */
  paths: string[]
  /** The cache's count of invalidations when the origin was asked. */
  generation: number
}

export interface Cache {
  get(key: string): StoredResponse | undefined
  set(key: string, response: StoredResponse): void
  /** Grows with every invalidation: what was asked of the origin before one began is evicted by it. */
  generation(): number
  /** Begins an invalidation; the returned function completes it: from then on nothing older than its begin is served. */
  invalidate(patterns: string[]): () => void
}

/** Bounds of one distribution's cache, in bytes. A larger response is passed on and not kept. */
export const largestStored = 10_000_000
const capacity = 100_000_000

/** Keeps the most recently used responses of a distribution within a bounded memory. */
export function createCache(): Cache {
  const responses = new Map<string, StoredResponse>()
  let generation = 0
  let size = 0

  function evict(key: string): void {
    const known = responses.get(key)
    if (!known) return
    size -= cost(known)
    responses.delete(key)
  }

  return {
    get(key) {
      const found = responses.get(key)
      if (found) {
        responses.delete(key)
        responses.set(key, found)
      }
      return found
    },
    set(key, response) {
      evict(key)
      responses.set(key, response)
      size += cost(response)
      for (const oldest of responses.keys()) {
        if (size <= capacity) break
        evict(oldest)
      }
    },
    generation: () => generation,
    invalidate(patterns) {
      generation += 1
      const begun = generation
      return () => {
        for (const [key, response] of responses) {
          const isOlder = response.generation < begun
          if (isOlder && patterns.some((pattern) => response.paths.some((path) => invalidates(pattern, path))))
            evict(key)
        }
      }
    },
  }
}

/**
 * Whether an invalidation path names a path. A `*` counts only at its end; case counts; percent-encodings of the same
 * character are equal.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
 */
export function invalidates(pattern: string, path: string): boolean {
  const absolute = decoded(pattern.startsWith('/') ? pattern : `/${pattern}`)
  if (!absolute.endsWith('*')) return absolute === decoded(path)
  const literal = absolute.slice(0, -1)
  return decoded(path).startsWith(literal)
}

function cost({ body, headers }: StoredResponse): number {
  return body.length + headers.reduce((sum, [name, value]) => sum + name.length + value.length, 1_000)
}
