import { unknownMembers } from '../unknown-members.ts'

/** Paths of what a caller asks for and is not known. An empty list asks for nothing: what ECS describes has several. */
export function unsupportedMembers(given: object, known: readonly string[]): string[] {
  const withoutEmptyLists = JSON.stringify(given, (_, value: unknown) =>
    Array.isArray(value) && value.length === 0 ? undefined : value,
  )
  return unknownMembers(JSON.parse(withoutEmptyLists) as object, known)
}
