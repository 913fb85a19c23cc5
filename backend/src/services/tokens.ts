import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 128 random bits, base64url: what a link or a player's browser holds. Only its hash is stored. */
export function createToken(): string {
  return randomBytes(16).toString('base64url')
}

/** Whether it has the shape of one. */
export function isToken(text: string): boolean {
  return /^[\w-]{22}$/.test(text)
}

/**
 * Whether it may be the id of a quiz or an event. DynamoDB refuses a key that is too long as it refuses a defect, and that
 * must not look like an outage.
 */
export function isId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text)
}

/** SHA-256, base64url. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Whether the token has this hash, in a time that says nothing about how much of it is right. */
export function hasHash(token: string, hash: string): boolean {
  const [one, other] = [Buffer.from(hashOf(token)), Buffer.from(hash)]
  return one.length === other.length && timingSafeEqual(one, other)
}
