import { valueOf, type HeaderList } from '../http/headers.ts'

/** Seconds. */
export interface Ttls {
  MinTTL: number
  DefaultTTL: number
  MaxTTL: number
}

/** How long CloudFront keeps an error at least, in seconds, when the distribution does not say. */
const errorCachingMinTtl = 10

/**
 * How many seconds a response may be served without asking the origin; 0: keep it, ask each time; undefined: do not keep.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 * @param now milliseconds
 */
export function lifetime(status: number, headers: HeaderList, ttls: Ttls, now: number): number | undefined {
  // CachingDisabled: nothing is kept, errors neither (assumed: AWS's pages do not say that errors are exempt)
  if (ttls.MaxTTL === 0) return undefined
  const directives = cacheControl(headers)
  const stated = statedLifetime(headers, directives, now)
  if (status >= 400) return errorLifetime(status, stated, ttls)
  if (directives.has('no-store') || directives.has('private')) return ttls.MinTTL > 0 ? ttls.MinTTL : undefined
  if (directives.has('no-cache')) return ttls.MinTTL
  return clamp(stated ?? ttls.DefaultTTL, ttls)
}

/**
 * An error is kept at least 10 seconds, whatever its Cache-Control says: a missing file that was asked for too early
 * stays missing that long, unless its path is invalidated. That is kept as it is, also with fast timings: hiding it
 * would hide a wrong order of uploads.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html#HTTPStatusCodes-cached-errors
 */
function errorLifetime(status: number, stated: number | undefined, { MaxTTL }: Ttls): number | undefined {
  const always = [404, 414, 500, 501, 502, 503, 504]
  const onlyIfStated = [400, 403, 405, 412, 415]
  const kept = always.includes(status) || (stated !== undefined && onlyIfStated.includes(status))
  return kept ? Math.max(errorCachingMinTtl, Math.min(stated ?? 0, MaxTTL)) : undefined
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
