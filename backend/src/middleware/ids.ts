import { createMiddleware } from 'hono/factory'
import { isId } from '../services/tokens.ts'
import { answerNotFound } from './errors.ts'

/** What can be no id is answered before anything is looked up, and before a secret is compared. */
export const requireId = createMiddleware<object, '/:id'>(async (c, next) => {
  if (!isId(c.req.param('id'))) return answerNotFound(c)
  await next()
})
