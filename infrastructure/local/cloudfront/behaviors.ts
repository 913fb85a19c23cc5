import { matchesWildcard } from '../wildcard.ts'
import type { Behavior, DistributionConfig } from './config.ts'

/**
 * The behavior for a path: the first whose pattern matches, in the order of the list, else the default one. Patterns are
 * case-sensitive, a leading slash is optional, the path is normalized first and goes to the origin as it came.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
 */
export function behaviorFor(config: DistributionConfig, path: string): Behavior {
  const normalized = normalize(path)
  const found = config.CacheBehaviors?.find(({ PathPattern }) => matchesWildcard(slashed(PathPattern), normalized))
  return found ?? config.DefaultCacheBehavior
}

export function allowsMethod({ AllowedMethods = ['GET', 'HEAD'] }: Behavior, method: string): boolean {
  return AllowedMethods.includes(method)
}

/** Only the distribution's root has a default object; a directory has none. */
export function withRootObject({ DefaultRootObject }: DistributionConfig, path: string): string {
  return path === '/' && DefaultRootObject ? slashed(DefaultRootObject) : path
}

function slashed(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2 */
function normalize(path: string): string {
  const unreserved = path.replace(/%[0-9a-f]{2}/gi, (code) => {
    const sign = String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(sign) ? sign : code.toUpperCase()
  })
  const segments: string[] = []
  for (const segment of unreserved.split('/').slice(1)) {
    if (segment === '..') segments.pop()
    else if (segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}
