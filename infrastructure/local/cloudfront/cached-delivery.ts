import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { valueOf, withHeader, without, type HeaderList } from '../http/headers.ts'
import { largestStored, type Cache, type StoredResponse } from './cache.ts'
import { compress, isCompressible } from './compression.ts'
import { isUnchangedFor } from './conditions.ts'
import { acceptedEncodings, cacheKey } from './forwarded.ts'
import { lifetime, type ErrorCachingMinTtl } from './freshness.ts'
import type { CachePolicyConfig } from './policies.ts'
import type { OriginAnswer } from './s3-origin.ts'
import type { ViewerRequest } from './viewer-request.ts'

/** What goes to the viewer, before the behavior's response headers policy. */
export interface Delivery {
  status: number
  statusMessage: string
  headers: HeaderList
  body: Buffer | Readable
  xCache: string
}

interface CacheableRequest {
  viewer: ViewerRequest
  /** As the viewer asked, before a function. */
  originalPath: string
  policy: CachePolicyConfig
  leastForError: ErrorCachingMinTtl
  compresses: boolean
  /** Asks the origin, with the given conditions. */
  ask: (headers: HeaderList) => Promise<OriginAnswer>
}

/**
 * Answers from the cache, or from the origin and keeps the answer.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html
 */
export async function deliverCached(cache: Cache, request: CacheableRequest): Promise<Delivery> {
  const { viewer, policy, leastForError, ask } = request
  const key = cacheKey(viewer, policy)
  const kept = cache.get(key)
  if (kept && Date.now() < kept.freshUntil) return fromStore(kept, viewer, kept.status < 400 ? 'Hit' : 'Error')

  if (viewer.method === 'HEAD') return passed(await ask([]))

  const generation = cache.generation()
  const answer = await ask(kept ? validators(kept) : [])
  if (kept && answer.status === 304) {
    answer.body.resume()
    const fresh = refreshed(kept, answer.headers, policy, generation)
    cache.set(key, fresh)
    return fromStore(fresh, viewer, 'RefreshHit')
  }
  const seconds = lifetime(answer.status, answer.headers, policy, Date.now(), leastForError)
  const size = Number(valueOf(answer.headers, 'content-length') ?? Number.NaN)
  // a stream of unknown length may be one that never ends
  if (seconds === undefined || !(size <= largestStored)) return passed(answer)
  const stored = await store(answer, request, seconds, generation)
  cache.set(key, stored)
  return fromStore(stored, viewer, stored.status < 400 ? 'Miss' : 'Error')
}

/** An answer as it comes, not kept. */
export function passed(answer: OriginAnswer): Delivery {
  return { ...answer, xCache: `${answer.status < 400 ? 'Miss' : 'Error'} from cloudfront` }
}

async function store(
  answer: OriginAnswer,
  { viewer, originalPath, policy, compresses }: CacheableRequest,
  seconds: number,
  generation: number,
): Promise<StoredResponse> {
  const body = await buffer(answer.body)
  const { EnableAcceptEncodingBrotli, EnableAcceptEncodingGzip } = policy.ParametersInCacheKeyAndForwardedToOrigin
  const mayCompress = compresses && (EnableAcceptEncodingBrotli || EnableAcceptEncodingGzip)
  const encoded =
    mayCompress && isCompressible(answer.status, answer.headers, body.length)
      ? await compress(answer.headers, body, acceptedEncodings(viewer.headers, policy))
      : { headers: answer.headers, body }
  const now = Date.now()
  return {
    status: answer.status,
    statusMessage: answer.statusMessage,
    ...encoded,
    originEtag: valueOf(answer.headers, 'etag'),
    storedAt: now,
    freshUntil: now + seconds * 1_000,
    paths: [originalPath, viewer.path],
    generation,
  }
}

function refreshed(
  kept: StoredResponse,
  answered: HeaderList,
  policy: CachePolicyConfig,
  generation: number,
): StoredResponse {
  const changed = answered.filter(([name]) => ['cache-control', 'expires', 'date'].includes(name.toLowerCase()))
  const headers = changed.reduce((list, [name, value]) => withHeader(list, name, value), kept.headers)
  const now = Date.now()
  const seconds = lifetime(kept.status, headers, policy, now) ?? 0
  return { ...kept, headers, storedAt: now, freshUntil: now + seconds * 1_000, generation }
}

function validators({ originEtag, headers, status }: StoredResponse): HeaderList {
  const modified = valueOf(headers, 'last-modified')
  if (status >= 400) return []
  if (originEtag) return [['If-None-Match', originEtag]]
  return modified ? [['If-Modified-Since', modified]] : []
}

function fromStore(kept: StoredResponse, viewer: ViewerRequest, result: string): Delivery {
  const age = Math.floor((Date.now() - kept.storedAt) / 1_000)
  const headers: HeaderList = result === 'Hit' ? withHeader(kept.headers, 'Age', String(age)) : kept.headers
  const xCache = `${result} from cloudfront`
  if (kept.status === 200 && isUnchangedFor(viewer.headers, kept.headers)) {
    const described = without(headers, 'content-length', 'content-type', 'content-encoding')
    return { status: 304, statusMessage: 'Not Modified', headers: described, body: Buffer.alloc(0), xCache }
  }
  const { status, statusMessage, body } = kept
  return { status, statusMessage, headers: withHeader(headers, 'Content-Length', String(body.length)), body, xCache }
}
