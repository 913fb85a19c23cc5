import { createMiddleware } from 'hono/factory'
import type { Config } from '../types/config.ts'
import { HttpError } from './errors.ts'

/**
 * Browsers always send the Origin of a page that opens a WebSocket, and do not hold it to the same-origin policy: this
 * check is the only one. Programs such as wscat send none.
 */
export function isOriginAllowed(origin: string | undefined, allowed: Config['allowedOrigins']): boolean {
  return origin === undefined || allowed === 'any' || allowed.includes(origin)
}

/** A browser names the page's origin with every request that changes something, and with every one to another site. */
export function requireAllowedOrigin(allowed: Config['allowedOrigins']) {
  return createMiddleware(async (c, next) => {
    if (!isOriginAllowed(c.req.header('origin'), allowed)) {
      throw new HttpError(403, 'origin_refused', 'requests from this origin are not allowed')
    }
    await next()
  })
}
