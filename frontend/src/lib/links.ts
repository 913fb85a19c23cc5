import type { EventLinks } from './admin-api.ts'

/** The addresses of an event's pages on this site. Tokens are behind `#`: no server ever sees them in an address. */
export function hostLink(origin: string, event: string, { hostToken }: EventLinks): string {
  return `${origin}/host/${event}#${hostToken}`
}

export function screenLink(origin: string, event: string, { screenToken }: EventLinks): string {
  return `${origin}/screen/${event}#${screenToken}`
}

/** What the QR code leads to. */
export function joinLink(origin: string, code: string): string {
  return `${origin}/j/${code}`
}

/** "123 456": digits that one reads off a wall come in threes. */
export function spacedCode(code: string): string {
  return code.replace(/(...)(...)/, '$1 $2')
}
