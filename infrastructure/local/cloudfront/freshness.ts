import { valueOf, type HeaderList } from '../http/headers.ts'
import type { CustomErrorResponse } from './config.ts'

/** Seconds. */
export interface Ttls {
  MinTTL: number
  DefaultTTL: number
  MaxTTL: number
}

/** How long CloudFront keeps an error at least, in seconds. */
export type ErrorCachingMinTtl = (status: number) => number

/** By the entries of the distribution; ten seconds where it has none for a status. */
export function errorCachingMinTtl(entries: CustomErrorResponse[] = []): ErrorCachingMinTtl {
  return (status) => entries.find(({ ErrorCode }) => ErrorCode === status)?.ErrorCachingMinTTL ?? 10
}

/**
 * How many seconds a response may be served without asking the origin; 0: keep it, ask each time; undefined: do not keep.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 * @param now milliseconds
 */
export function lifetime(
  status: number,
  headers: HeaderList,
  ttls: Ttls,
  now: number,
  leastForError = errorCachingMinTtl(),
): number | undefined {
  // CachingDisabled: nothing is kept, errors neither (assumed: AWS's pages do not say that errors are exempt)
  if (ttls.MaxTTL === 0) return undefined
  const directives = cacheControl(headers)
  const stated = statedLifetime(headers, directives, now)
  if (status >= 400) return errorLifetime(status, directives, stated, ttls, leastForError(status))
  if (directives.has('no-store') || directives.has('private')) return ttls.MinTTL > 0 ? ttls.MinTTL : undefined
  if (directives.has('no-cache')) return ttls.MinTTL
  return clamp(stated ?? ttls.DefaultTTL, ttls)
}

/**
 * An error is kept at least that long: a missing file that was asked for too early stays missing
 * for ten seconds, unless its path is invalidated. That is kept as it is, also with fast timings: hiding it would hide a
 * wrong order of uploads. Only of 404, 410, 414 and 501 does `no-store` count.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html#HTTPStatusCodes-cached-errors
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
 */
function errorLifetime(
  status: number,
  directives: Map<string, string>,
  stated: number | undefined,
  { MaxTTL }: Ttls,
  least: number,
): number | undefined {
  const unlessForbidden = [404, 410, 414, 501]
  const onlyIfStated = [400, 403, 405, 412, 415]
  const isForbidden = ['no-store', 'no-cache', 'private'].some((directive) => directives.has(directive))
  if (unlessForbidden.includes(status) && isForbidden) return undefined
  const kept =
    unlessForbidden.includes(status) ||
    [500, 502, 503, 504].includes(status) ||
    (stated !== undefined && onlyIfStated.includes(status))
  return kept ? Math.max(least, Math.min(stated ?? 0, MaxTTL)) : undefined
}

function clamp(seconds: number, { MinTTL, MaxTTL }: Ttls): number {
  return Math.min(Math.max(seconds, MinTTL), MaxTTL)
}

function statedLifetime(headers: HeaderList, directives: Map<string, string>, now: number): number | undefined {
  const maxAge = directives.get('s-maxage') ?? directives.get('max-age')
  if (maxAge !== undefined && /^\d+$/.test(maxAge)) return Number(maxAge)
  const expires = valueOf(headers, 'expires')
  if (expires === undefined) return undefined
  const time = Date.parse(expires)
  return Number.isNaN(time) ? 0 : Math.max(0, Math.round((time - now) / 1_000))
}

function cacheControl(headers: HeaderList): Map<string, string> {
  const parts = (valueOf(headers, 'cache-control') ?? '').toLowerCase().split(',')
  return new Map(
    parts.map((part) => {
      const [name = '', value = ''] = part.trim().split('=')
      return [name, value.replaceAll('"', '')]
    }),
  )
}
