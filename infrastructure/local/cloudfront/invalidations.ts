import { randomBytes } from 'node:crypto'
import { AwsError } from '../gateway/room.ts'
import type { Cache } from './cache.ts'

export interface Invalidation {
  id: string
  status: 'InProgress' | 'Completed'
  createTime: Date
  paths: string[]
  callerReference: string
}

export interface Invalidations {
  /** The same reference again is the same invalidation again. */
  create(distributionId: string, cache: Cache, paths: string[], callerReference: string): Invalidation
  get(distributionId: string, id: string): Invalidation
  /** Newest first. */
  list(distributionId: string): Invalidation[]
  forget(distributionId: string): void
  close(): void
}

/**
 * @param duration milliseconds until an invalidation is completed. What it names is evicted then, and not before: who
 *   does not wait for it may get the old file, as on AWS.
 */
export function createInvalidations(duration: number): Invalidations {
  const byDistribution = new Map<string, Invalidation[]>()
  const timers = new Set<NodeJS.Timeout>()
  const list = (distributionId: string) => byDistribution.get(distributionId) ?? []

  return {
    create(distributionId, cache, paths, callerReference) {
      if (paths.length === 0 || paths.some((path) => !path.startsWith('/'))) {
        const message = 'Your request contains one or more invalid invalidation paths.'
        throw new AwsError('InvalidArgument', message)
      }
      const earlier = list(distributionId)
      const same = earlier.find((each) => each.callerReference === callerReference)
      if (same) return same
      const invalidation: Invalidation = {
        id: `I${randomBytes(8).toString('hex').toUpperCase()}`,
        status: 'InProgress',
        createTime: new Date(),
        paths,
        callerReference,
      }
      byDistribution.set(distributionId, [invalidation, ...earlier].slice(0, 1_000))
      const complete = cache.invalidate(paths)
      const timer = setTimeout(() => {
        timers.delete(timer)
        complete()
        invalidation.status = 'Completed'
      }, duration)
      timers.add(timer)
      return invalidation
    },
    get(distributionId, id) {
      const found = list(distributionId).find((each) => each.id === id)
      if (!found) throw new AwsError('NoSuchInvalidation', 'The specified invalidation does not exist.', 404)
      return found
    },
    list,
    forget: (distributionId) => void byDistribution.delete(distributionId),
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  }
}
