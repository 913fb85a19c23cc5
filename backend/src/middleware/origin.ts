import type { Config } from '../types/config.ts'

/**
 * Browsers always send the Origin of a page that opens a WebSocket, and do not hold it to the same-origin policy: this
 * check is the only one. Programs such as wscat send none.
 */
export function isOriginAllowed(origin: string | undefined, allowed: Config['allowedOrigins']): boolean {
  return origin === undefined || allowed === 'any' || allowed.includes(origin)
}
