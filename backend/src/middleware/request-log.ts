import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { Log } from '../services/log.ts'
import { requestIdOf } from './request-id.ts'

/**
 * One line for each request, when it is over. Its path is the route's pattern, as in /api/join/:code: a path or a query
 * may hold what a log must not keep. What no route answers is logged as `/*`. Health checks come every few seconds and
 * are logged at debug only.
 */
export function logRequests(log: Log) {
  return createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const started = performance.now()
    const { incoming, outgoing } = c.env
    outgoing.once('close', () => {
      const path = routePath(c, -1)
      const ms = Math.round(performance.now() - started)
      log[path === '/health' ? 'debug' : 'info']('request', {
        method: incoming.method,
        path,
        status: outgoing.statusCode,
        ms,
        requestId: requestIdOf(incoming.headers),
      })
    })
    await next()
  })
}
