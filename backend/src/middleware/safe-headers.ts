import { createMiddleware } from 'hono/factory'

/** What is said of every answer: no cache keeps it unless its route allows that, and no browser guesses its type. */
export const safeHeaders = createMiddleware(async (c, next) => {
  await next()
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  c.res.headers.set('x-content-type-options', 'nosniff')
})
