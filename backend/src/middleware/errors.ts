import type { Log } from '../services/log.ts'

export interface Reply {
  status: number
  body: object
}

/** An answer other than success: its code is for programs, its message for people. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
  }
}

export function errorReply({ status, code, message }: HttpError): Reply {
  return { status, body: { error: { code, message } } }
}

/** The reply of a route, or of its failure. What is not an HttpError is a bug: its stack is logged and kept from the client. */
export async function replyOf(route: () => Reply | Promise<Reply>, log: Log): Promise<Reply> {
  try {
    return await route()
  } catch (error) {
    if (!(error instanceof HttpError)) {
      log.error('a request failed', { stack: error instanceof Error ? error.stack : String(error) })
      return errorReply(new HttpError(500, 'internal', 'the server failed; its log says why'))
    }
    if (error.status >= 500) log.error(error.message, { cause: error.cause })
    return errorReply(error)
  }
}
