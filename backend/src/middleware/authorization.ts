import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { callerOf, type Limit } from '../services/limits.ts'
import { hasHash, hashOf, isToken } from '../services/tokens.ts'
import { HttpError } from './errors.ts'

export type Authorization = ReturnType<typeof createAuthorization>

interface Secured {
  /** Undefined: this task was given none, and nobody is the admin. */
  adminSecret: string | undefined
  /** The hash of an event's host token; undefined when there is no such event. Rejects when the database does not answer. */
  hostHashOf: (eventId: string) => Promise<string | undefined>
  /** Wrong admin secrets, and wrong host tokens. */
  wrongSecrets: Limit
  wrongTokens: Limit
  /** Reads of the table for what turned out to be wrong. */
  unprovenReads: Limit
}

/** Who may ask, by `Authorization: Bearer`: a query string would end up in logs and histories. */
export function createAuthorization({ adminSecret, hostHashOf, wrongSecrets, wrongTokens, unprovenReads }: Secured) {
  const adminHash = adminSecret === undefined ? undefined : hashOf(adminSecret)
  const isAdmin = (secret: string) => adminHash !== undefined && hasHash(secret, adminHash)

  async function isHost(eventId: string, token: string, caller: string): Promise<boolean> {
    // no other text can be one, and is worth no read
    if (!isToken(token)) return false
    refuseWhoMustWait(unprovenReads, caller)
    const hostHash = await hostHashOf(eventId)
    if (hostHash !== undefined && hasHash(token, hostHash)) return true
    unprovenReads.count(caller)
    return false
  }

  return {
    /** Lets in anyone who knows the admin secret. */
    requireAdmin: createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
      const caller = callerOfRequest(c)
      refuseWhoMustWait(wrongSecrets, caller)
      if (!isAdmin(bearerOf(c))) {
        wrongSecrets.count(caller)
        throw unauthorized('the admin secret is wrong')
      }
      await next()
    }),

    /**
     * Lets in anyone who has the host's link of the event in the path, or knows the admin secret. A host does not wait
     * because of others behind the same address: nobody guesses 128 random bits, but an admin secret may be shorter.
     */
    requireHost: createMiddleware<{ Bindings: HttpBindings }, '/:id'>(async (c, next) => {
      const caller = callerOfRequest(c)
      const token = bearerOf(c)
      if (!(await isHost(c.req.param('id'), token, caller))) {
        refuseWhoMustWait(wrongSecrets, caller)
        // what is no token was meant as the admin secret
        const limit = isToken(token) ? wrongTokens : wrongSecrets
        refuseWhoMustWait(limit, caller)
        if (!isAdmin(token)) {
          limit.count(caller)
          throw unauthorized("this is neither the event's host token nor the admin secret")
        }
      }
      await next()
    }),
  }
}

export function callerOfRequest(c: Context<{ Bindings: HttpBindings }>): string {
  return callerOf(c.req.header('x-forwarded-for'), c.env.incoming.socket.remoteAddress)
}

export function refuseWhoMustWait(limit: Limit, caller: string): void {
  const seconds = limit.secondsToWait(caller)
  if (seconds === 0) return
  throw new HttpError(429, 'slow_down', `too many wrong tries: try again in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  })
}

function bearerOf(c: Context): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (token === undefined) throw unauthorized('send Authorization: Bearer and the secret')
  return token
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, 'unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } })
}
