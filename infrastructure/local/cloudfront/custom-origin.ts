import type { Agent, IncomingMessage } from 'node:http'
import { withHeader } from '../http/headers.ts'
import { sendOn, type Answer } from '../http/upstream.ts'
import type { Origin } from './config.ts'
import type { Forwarded } from './forwarded.ts'

/** A WebSocket that is silent this long is closed: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-working-with.websockets.html */
export const webSocketIdleTimeout = 600_000

/**
 * Sends a viewer's request on to a server, in practice a load balancer of this environment. Always http: nothing here has
 * a certificate.
 * @param address the origin's domain name, `127.0.0.1:<port>`; where an origin inside a VPC really listens
 * @param path with its query
 * @throws UpstreamFailure
 */
export function askCustomOrigin(
  request: IncomingMessage,
  origin: Origin,
  address: string,
  { headers }: Forwarded,
  path: string,
  agent: Agent,
  signal: AbortSignal,
): Promise<Answer> {
  const { DomainName, OriginCustomHeaders = [] } = origin
  const [host = '', port = 80] = address.split(':')
  const withHost = withHeader(headers, 'Host', DomainName)
  return sendOn(request, {
    host,
    port: Number(port),
    agent,
    path,
    headers: OriginCustomHeaders.reduce((list, each) => withHeader(list, each.HeaderName, each.HeaderValue), withHost),
    connectTimeout: 10_000,
    idleTimeout: 30_000,
    signal,
  })
}
