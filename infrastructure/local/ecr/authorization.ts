import { randomBytes } from 'node:crypto'

/** Passwords that GetAuthorizationToken hands out. Docker sends them with every request, as user AWS. */
export interface Authorization {
  /**
   * A new token: base64 of `AWS:<password>`, and when it expires.
   * @param holder the access key that asked for it; undefined: ECS, for a task's image
   */
  issue(holder?: string): { token: string; expiresAt: Date }
  /** The access key that asked for the token of an `Authorization: Basic …` header. */
  holderOf(header: string | undefined): string | undefined
  /** Judges an `Authorization: Basic …` header. */
  check(header: string | undefined): 'valid' | 'expired' | 'invalid' | 'missing'
}

const hours = 60 * 60 * 1000

/** AWS's tokens live 12 hours. https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html */
const lifetime = 12 * hours

export function createAuthorization(): Authorization {
  const expiries = new Map<string, number>()
  const holders = new Map<string, string>()
  const tokenIn = (header: string | undefined) => /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1] ?? ''
  return {
    issue(holder) {
      const token = Buffer.from(`AWS:${randomBytes(48).toString('base64url')}`).toString('base64')
      const expiresAt = Date.now() + lifetime
      expiries.set(token, expiresAt)
      if (holder !== undefined) holders.set(token, holder)
      // a token is remembered long enough to call it expired rather than wrong
      for (const [known, expiry] of expiries) {
        if (expiry < Date.now() - 24 * hours && expiries.delete(known)) holders.delete(known)
      }
      return { token, expiresAt: new Date(expiresAt) }
    },
    holderOf: (header) => holders.get(tokenIn(header)),
    check(header) {
      if (!header) return 'missing'
      const expiry = expiries.get(tokenIn(header))
      if (expiry === undefined) return 'invalid'
      return expiry > Date.now() ? 'valid' : 'expired'
    },
  }
}
