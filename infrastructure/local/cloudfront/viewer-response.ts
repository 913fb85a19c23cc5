import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { endToEnd, type HeaderList, withHeader, without } from '../http/headers.ts'
import type { Delivery } from './cached-delivery.ts'
import type { Behavior } from './config.ts'
import type { Edge } from './origins.ts'
import { withPolicy } from './response-headers.ts'

/** @param behavior whose response headers policy holds; absent: for errors of CloudFront's own */
export async function sendToViewer(
  { distribution, model }: Pick<Edge, 'distribution' | 'model'>,
  { request, response, requestId }: { request: IncomingMessage; response: ServerResponse; requestId: string },
  { status, statusMessage, headers: given, body, xCache }: Delivery,
  behavior?: Behavior,
): Promise<void> {
  if (response.destroyed) return
  const policy = model.responseHeadersPolicies.get(behavior?.ResponseHeadersPolicyId ?? '')
  const own: HeaderList = [
    ['X-Cache', xCache],
    ['Via', `1.1 ${distribution.domainName} (CloudFront)`],
    ['X-Amz-Cf-Pop', 'LOCAL'],
    ['X-Amz-Cf-Id', requestId],
  ]
  const headers = own.reduce(
    (list, [name, value]) => withHeader(list, name, value),
    withPolicy(endToEnd(given), policy),
  )
  const length: HeaderList = Buffer.isBuffer(body) && status !== 304 ? [['Content-Length', String(body.length)]] : []
  const described = length.length > 0 ? without(headers, 'content-length') : headers
  response.writeHead(status, statusMessage || STATUS_CODES[status], [...described, ...length].flat())
  if (request.method === 'HEAD' || Buffer.isBuffer(body)) {
    if (!Buffer.isBuffer(body)) body.resume()
    response.end(request.method === 'HEAD' ? undefined : body)
    return
  }
  await pipeline(body, response).catch(() => response.destroy())
}
