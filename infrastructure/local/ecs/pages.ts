import type { Input } from '../gateway/room.ts'
import { invalidParameter } from './errors.ts'

/** One page of a list, as `maxResults` (at most 100) and `nextToken` ask for it. */
export function paginate<T>(all: T[], input: Input): { page: T[]; nextToken: string | undefined } {
  const size = Math.min(100, Number(input['maxResults'] ?? 100))
  const start = input['nextToken'] === undefined ? 0 : Number(input['nextToken'])
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('Invalid token')
  const end = start + size
  return { page: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined }
}
