import { valueOf, without, type HeaderList } from '../http/headers.ts'
import type {
  CachePolicyConfig,
  CookiesConfig,
  HeadersConfig,
  ItemBehavior,
  OriginRequestPolicyConfig,
  QueryStringsConfig,
} from './policies.ts'
import type { ViewerRequest } from './viewer-request.ts'

/**
 * The key under which a response is cached: path, and what of query, headers and cookies the cache policy names.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html
 */
export function cacheKey({ path, query, headers }: ViewerRequest, policy: CachePolicyConfig): string {
  const { QueryStringsConfig: queries, HeadersConfig: named, CookiesConfig: cookies } = parameters(policy)
  const chosenHeaders = headers.filter(([name]) => selectsHeader(named, name))
  return JSON.stringify([
    path,
    queryPairs(query).filter((pair) => selectsQuery(queries, pair)),
    chosenHeaders.map(([name, value]) => `${name.toLowerCase()}: ${value}`).toSorted(),
    cookiePairs(headers).filter((pair) => selectsCookie(cookies, pair)),
    acceptedEncodings(headers, policy),
  ])
}

/** Encodings that the viewer takes and the cache policy has in its key; Brotli is preferred. */
export function acceptedEncodings(headers: HeaderList, policy: CachePolicyConfig): ('br' | 'gzip')[] {
  const { EnableAcceptEncodingBrotli, EnableAcceptEncodingGzip } = parameters(policy)
  const accepted = (valueOf(headers, 'accept-encoding') ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0])
  return [
    ...(EnableAcceptEncodingBrotli && accepted.includes('br') ? (['br'] as const) : []),
    ...(EnableAcceptEncodingGzip && accepted.includes('gzip') ? (['gzip'] as const) : []),
  ]
}

export interface Forwarded {
  /** Without the question mark. */
  query: string
  /** Without Host unless a policy forwards the viewer's. */
  headers: HeaderList
}

/**
 * What of a viewer's request goes on to the origin: what either policy names, plus what CloudFront always sets.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 */
export function forwarded(
  { query, headers, ip }: ViewerRequest,
  cachePolicy: CachePolicyConfig,
  originRequestPolicy: OriginRequestPolicyConfig | undefined,
  cdn: { host: string; requestId: string },
): Forwarded {
  const policies = [parameters(cachePolicy), ...(originRequestPolicy ? [originRequestPolicy] : [])]
  const isNamed = (name: string) => policies.some(({ HeadersConfig: config }) => selectsHeader(config, name))
  const chosenQuery = queryPairs(query).filter((pair) =>
    policies.some(({ QueryStringsConfig: config }) => selectsQuery(config, pair)),
  )
  const cookies = cookiePairs(headers).filter((pair) =>
    policies.some(({ CookiesConfig: config }) => selectsCookie(config, pair)),
  )
  // a WebSocket's handshake passes whatever the policies say
  const chosen = without(headers, 'cookie', 'accept-encoding').filter(
    ([name]) => isNamed(name) || /^sec-websocket-/i.test(name),
  )
  const viewerEncodings = isNamed('accept-encoding') ? valueOf(headers, 'accept-encoding') : undefined
  const encodings = acceptedEncodings(headers, cachePolicy).join(',') || viewerEncodings
  const before = valueOf(headers, 'x-forwarded-for')
  const own: HeaderList = [
    ['X-Forwarded-For', before ? `${before}, ${ip}` : ip],
    ['Via', `1.1 ${cdn.host} (CloudFront)`],
    ['X-Amz-Cf-Id', cdn.requestId],
  ]
  if (cookies.length > 0) own.push(['Cookie', cookies.join('; ')])
  if (encodings) own.push(['Accept-Encoding', encodings])
  if (!isNamed('user-agent')) own.push(['User-Agent', 'Amazon CloudFront'])
  return { query: chosenQuery.join('&'), headers: [...without(chosen, ...own.map(([name]) => name)), ...own] }
}

function parameters(policy: CachePolicyConfig) {
  return policy.ParametersInCacheKeyAndForwardedToOrigin
}

function selectsHeader({ HeaderBehavior, Headers = [] }: HeadersConfig, name: string): boolean {
  const isListed = Headers.some((each) => each.toLowerCase() === name.toLowerCase())
  return HeaderBehavior === 'allViewer' || selects(HeaderBehavior, isListed)
}

function selectsQuery({ QueryStringBehavior, QueryStrings = [] }: QueryStringsConfig, pair: string): boolean {
  return selects(QueryStringBehavior, QueryStrings.includes(pair.split('=')[0]!))
}

function selectsCookie({ CookieBehavior, Cookies = [] }: CookiesConfig, pair: string): boolean {
  return selects(CookieBehavior, Cookies.includes(pair.split('=')[0]!))
}

function selects(behavior: ItemBehavior | 'allViewer', isListed: boolean): boolean {
  if (behavior === 'whitelist') return isListed
  return behavior === 'allExcept' ? !isListed : behavior !== 'none'
}

function queryPairs(query: string): string[] {
  return query === '' ? [] : query.split('&')
}

function cookiePairs(headers: HeaderList): string[] {
  return (valueOf(headers, 'cookie') ?? '').split(/[;,]\s*/).filter((pair) => pair !== '')
}
