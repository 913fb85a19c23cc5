import { AwsError, type Input } from '../gateway/room.ts'

/** A text parameter of a call; undefined when it is absent or empty, as an optional member arrives. */
export function optional(input: Input, name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Throws ValidationError for a parameter that is not there. */
export function required(input: Input, name: string): string {
  const value = optional(input, name)
  if (value !== undefined) return value
  const member = name.charAt(0).toLowerCase() + name.slice(1)
  throw validationError(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
}

export function flag(input: Input, name: string): boolean {
  return input[name] === 'true'
}

/** A list parameter; undefined when the call does not mention it. An empty list arrives as empty text. */
export function list(input: Input, name: string): unknown[] | undefined {
  const value = input[name]
  if (value === undefined) return undefined
  return Array.isArray(value) ? value : []
}

export function textList(input: Input, name: string): string[] | undefined {
  return list(input, name) as string[] | undefined
}

/** What most refusals are: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message)
}
