import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { createToken, isId, isToken } from '../services/tokens.ts'
import { answerNotFound, HttpError } from './errors.ts'

/** What can be no id is answered before anything is looked up, and before a secret is compared. */
export const requireId = createMiddleware<object, '/:id'>(async (c, next) => {
  if (!isId(c.req.param('id'))) return answerNotFound(c)
  await next()
})

/** The id of what a POST makes. A client that chose it can repeat the request when the answer was lost: nothing is made twice. */
export function newIdOf(c: Context): string {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return createToken()
  if (!isToken(key)) throw new HttpError(400, 'bad_key', 'an Idempotency-Key has 22 characters of base64url')
  return key
}
