import { type HeaderList, valueOf, without } from '../http/headers.ts'
import type { CachePolicyConfig } from './policies.ts'
import type { ViewerRequest } from './viewer-request.ts'

/**
 * The key under which a response is cached: path and accepted encodings.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html
 */
export function cacheKey({ path, headers }: ViewerRequest, policy: CachePolicyConfig): string {
  return JSON.stringify([path, acceptedEncodings(headers, policy)])
}

/** Encodings that the viewer takes and the cache policy has in its key; Brotli is preferred. */
export function acceptedEncodings(headers: HeaderList, policy: CachePolicyConfig): ('br' | 'gzip')[] {
  const { EnableAcceptEncodingBrotli, EnableAcceptEncodingGzip } = policy.ParametersInCacheKeyAndForwardedToOrigin
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
  /** Without Host. */
  headers: HeaderList
}

/**
 * What of a viewer's request is forwarded to the origin, plus what CloudFront always sets.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 * @param passesViewer whether the behavior has the policy AllViewerExceptHostHeader
 */
export function forwarded(
  { query, headers, ip }: ViewerRequest,
  cachePolicy: CachePolicyConfig,
  passesViewer: boolean,
  cdn: { host: string; requestId: string },
): Forwarded {
  // a WebSocket's handshake passes whatever the policies say
  const chosen = without(headers, 'host', 'cookie', 'accept-encoding').filter(
    ([name]) => passesViewer || /^sec-websocket-/i.test(name),
  )
  const cookies = passesViewer ? cookiesOf(headers) : ''
  const viewerEncodings = passesViewer ? valueOf(headers, 'accept-encoding') : undefined
  const encodings = acceptedEncodings(headers, cachePolicy).join(',') || viewerEncodings
  const earlier = valueOf(headers, 'x-forwarded-for')
  const own: HeaderList = [
    ['X-Forwarded-For', earlier ? `${earlier}, ${ip}` : ip],
    ['Via', `1.1 ${cdn.host} (CloudFront)`],
    ['X-Amz-Cf-Id', cdn.requestId],
  ]
  if (cookies) own.push(['Cookie', cookies])
  if (encodings) own.push(['Accept-Encoding', encodings])
  if (!passesViewer) own.push(['User-Agent', 'Amazon CloudFront'])
  return {
    query: passesViewer ? query : '',
    headers: [...without(chosen, ...own.map(([name]) => name)), ...own],
  }
}

function cookiesOf(headers: HeaderList): string {
  const pairs = (valueOf(headers, 'cookie') ?? '').split(/[;,]\s*/)
  return pairs.filter((pair) => pair !== '').join('; ')
}
