import { randomBytes } from 'node:crypto'

/** Passwords that GetAuthorizationToken hands out. Docker sends them with every request, as user AWS. */
export interface Authorization {
  /** A new token: base64 of `AWS:<password>`, and when it expires. */
  issue(): { token: string; expiresAt: Date }
  /** Judges an `Authorization: Basic …` header. */
  check(header: string | undefined): 'valid' | 'expired' | 'invalid' | 'missing'
}

const hours = 60 * 60 * 1000

/** AWS's tokens live 12 hours. https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html */
const lifetime = 12 * hours

export function createAuthorization(): Authorization {
  const expiries = new Map<string, number>()
  return {
    issue() {
      const token = Buffer.from(`AWS:${randomBytes(48).toString('base64url')}`).toString('base64')
      const expiresAt = Date.now() + lifetime
      expiries.set(token, expiresAt)
      // a token is remembered long enough to call it expired rather than wrong
      for (const [known, expiry] of expiries) if (expiry < Date.now() - 24 * hours) expiries.delete(known)
      return { token, expiresAt: new Date(expiresAt) }
    },
    check(header) {
      if (!header) return 'missing'
      const expiry = expiries.get(/^Basic\s+(\S+)$/i.exec(header)?.[1] ?? '')
      if (expiry === undefined) return 'invalid'
      return expiry > Date.now() ? 'valid' : 'expired'
    },
  }
}
