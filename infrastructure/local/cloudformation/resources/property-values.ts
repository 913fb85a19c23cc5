import { ResourceFailure } from '../failure-reason.ts'

/** A scalar property as text: templates write numbers and booleans either way. Throws for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ResourceFailure(
    `Model validation failed (expected type: String, found: ${JSON.stringify(value) ?? 'nothing'})`,
  )
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
