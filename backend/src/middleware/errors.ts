import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { LogNotUnderstood } from '../services/game/fold.ts'
import type { Log } from '../services/log.ts'
import { explanationOf } from '../services/outage.ts'
import { requestIdOf } from './request-id.ts'

/** An answer other than success: its code is for programs, its message for people. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: ContentfulStatusCode
  readonly code: string
  /** What the answer says beside its body, such as Retry-After. */
  readonly headers: Record<string, string>
  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    { headers = {}, ...options }: ErrorOptions & { headers?: Record<string, string> } = {},
  ) {
    super(message, options)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export function errorBody({ code, message }: HttpError) {
  return { error: { code, message } }
}

/**
 * Answers for a route that failed. What is neither an HttpError nor an error of the database is a bug: its stack is
 * logged and kept from the client.
 */
export function createErrorHandler(log: Log) {
  return (error: Error, c: Context<{ Bindings: HttpBindings }>): Response => {
    const answered = answerTo(error)
    const requestId = requestIdOf(c.env.incoming.headers)
    if (answered.status === 500) log.error('a request failed', { requestId, stack: error.stack })
    else if (answered.status > 500) log.error(answered.message, { requestId, cause: answered.cause })
    return c.json(errorBody(answered), answered.status, answered.headers)
  }
}

function answerTo(error: Error): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof LogNotUnderstood) {
    return new HttpError(503, 'not_understood', 'a newer release wrote this event', { cause: error })
  }
  // the AWS SDK marks each of its errors so, those of the network too
  if ('$metadata' in error) return new HttpError(503, 'unavailable', explanationOf(error), { cause: error })
  return new HttpError(500, 'internal', 'the server failed; its log says why')
}

export function answerNotFound(c: Context): Response {
  return c.json(errorBody(new HttpError(404, 'not_found', `nothing at ${c.req.path}`)), 404)
}

export function answerMethodNotAllowed(c: Context, methods: string[]): Response {
  const allowed = methods.join(', ')
  return c.json(errorBody(new HttpError(405, 'method_not_allowed', `only ${allowed} are answered here`)), 405, {
    allow: allowed,
  })
}
