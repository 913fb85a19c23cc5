import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../services/log.ts'

/** The path of a request without its query, which may carry what a log must not keep. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

/** One line for each request, when it is over. Health checks come every few seconds and are logged at debug only. */
export function logRequest(request: IncomingMessage, response: ServerResponse, log: Log): void {
  const started = performance.now()
  const path = pathOf(request)
  response.once('close', () => {
    const ms = Math.round(performance.now() - started)
    log[path === '/health' ? 'debug' : 'info']('request', {
      method: request.method,
      path,
      status: response.statusCode,
      ms,
    })
  })
}
