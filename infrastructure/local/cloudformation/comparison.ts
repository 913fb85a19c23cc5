import { isDeepStrictEqual } from 'node:util'
import type { Properties, ResourceType } from './resource-type.ts'
import type { StackResource } from './model.ts'

type RequiredChange = 'none' | 'update' | 'replace'

/** Names of the properties that differ, in the order of their names. */
export function changedProperties(before: Properties, after: Properties): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name])).toSorted()
}

/** Whether a change of this property means a new physical resource. */
export function requiresReplacement(type: ResourceType, property: string): boolean {
  return !type.update || (type.replacedBy?.includes(property) ?? false)
}

/** How an existing resource gets to the properties and stack tags that a template wants. */
export function requiredChange(
  type: ResourceType,
  current: StackResource,
  properties: Properties,
  tags: Record<string, string>,
): RequiredChange {
  const changed = changedProperties(current.properties, properties)
  if (changed.some((property) => requiresReplacement(type, property))) return 'replace'
  const tagsChanged = type.taggable === true && !isDeepStrictEqual(current.tags, tags)
  // after an update that failed half-way it is unknown what is in force
  const uncertain = current.attempted !== undefined && type.update !== undefined
  return changed.length > 0 || tagsChanged || uncertain ? 'update' : 'none'
}

/** The custom name that keeps a resource from being replaced: two physical resources cannot share it. */
export function keptCustomName(type: ResourceType, current: StackResource, properties: Properties): string | undefined {
  const name = type.nameProperty && properties[type.nameProperty]
  return typeof name === 'string' && name === current.properties[type.nameProperty!] ? name : undefined
}
