import { type HeaderList, valueOf, without } from '../http/headers.ts'
import type { CachePolicyConfig, OriginRequestPolicyConfig, Selection } from './policies.ts'
import type { ViewerRequest } from './viewer-request.ts'

/**
 * The key under which a response is cached: path, accepted encodings, and the query and cookies where the cache policy selects them.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html
 */
export function cacheKey({ path, query, headers }: ViewerRequest, policy: CachePolicyConfig): string {
  const selection = [parameters(policy)]
  return JSON.stringify([
    path,
    selectsQuery(selection) && query,
    selectsCookies(selection) && cookiesOf(headers),
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
 * What of a viewer's request is forwarded to the origin: what either policy selects, plus what CloudFront always sets.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 */
export function forwarded(
  { query, headers, ip }: ViewerRequest,
  cachePolicy: CachePolicyConfig,
  originRequestPolicy: OriginRequestPolicyConfig | undefined,
  cdn: { host: string; requestId: string },
): Forwarded {
  const policies: Selection[] = [parameters(cachePolicy), ...(originRequestPolicy ? [originRequestPolicy] : [])]
  const isSelected = (name: string) => policies.some(({ HeadersConfig }) => selectsHeader(HeadersConfig, name))
  // a WebSocket's handshake passes whatever the policies say
  const chosen = without(headers, 'cookie', 'accept-encoding').filter(
    ([name]) => isSelected(name) || /^sec-websocket-/i.test(name),
  )
  const cookies = selectsCookies(policies) ? cookiesOf(headers) : ''
  const viewerEncodings = isSelected('accept-encoding') ? valueOf(headers, 'accept-encoding') : undefined
  const encodings = acceptedEncodings(headers, cachePolicy).join(',') || viewerEncodings
  const earlier = valueOf(headers, 'x-forwarded-for')
  const own: HeaderList = [
    ['X-Forwarded-For', earlier ? `${earlier}, ${ip}` : ip],
    ['Via', `1.1 ${cdn.host} (CloudFront)`],
    ['X-Amz-Cf-Id', cdn.requestId],
  ]
  if (cookies) own.push(['Cookie', cookies])
  if (encodings) own.push(['Accept-Encoding', encodings])
  if (!isSelected('user-agent')) own.push(['User-Agent', 'Amazon CloudFront'])
  return {
    query: selectsQuery(policies) ? query : '',
    headers: [...without(chosen, ...own.map(([name]) => name)), ...own],
  }
}

function parameters(policy: CachePolicyConfig) {
  return policy.ParametersInCacheKeyAndForwardedToOrigin
}

function selectsHeader({ HeaderBehavior, Headers = [] }: Selection['HeadersConfig'], name: string): boolean {
  if (HeaderBehavior !== 'allExcept') return HeaderBehavior === 'allViewer'
  return !Headers.some((each) => each.toLowerCase() === name.toLowerCase())
}

function selectsQuery(policies: Selection[]): boolean {
  return policies.some(({ QueryStringsConfig }) => QueryStringsConfig.QueryStringBehavior === 'all')
}

function selectsCookies(policies: Selection[]): boolean {
  return policies.some(({ CookiesConfig }) => CookiesConfig.CookieBehavior === 'all')
}

function cookiesOf(headers: HeaderList): string {
  const pairs = (valueOf(headers, 'cookie') ?? '').split(/[;,]\s*/)
  return pairs.filter((pair) => pair !== '').join('; ')
}
