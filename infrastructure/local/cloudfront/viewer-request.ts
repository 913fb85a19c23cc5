import type { IncomingMessage } from 'node:http'
import { endToEnd, headerList, type HeaderList } from '../http/headers.ts'

/** A viewer's request on its way through the distribution. */
export interface ViewerRequest {
  method: string
  /** Percent-encoded, as it came; a function may have changed it. */
  path: string
  /** Without the question mark. */
  query: string
  headers: HeaderList
  ip: string
}

export function viewerRequest(request: IncomingMessage): ViewerRequest {
  const [path = '/', ...query] = (request.url ?? '/').split('?')
  return {
    method: request.method ?? 'GET',
    path,
    query: query.join('?'),
    headers: endToEnd(headerList(request.rawHeaders)),
    ip: request.socket.remoteAddress ?? '',
  }
}
