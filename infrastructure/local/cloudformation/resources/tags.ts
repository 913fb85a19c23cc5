import type { ResourceRequest } from '../resource-type.ts'
import { textOf } from './property-values.ts'

export interface Tag {
  Key: string
  Value: string
}

/** The stack's tags and the resource's own, which win. Without `aws:…`: services refuse those from anyone but AWS. */
export function tagsOf({ tags, properties }: ResourceRequest): Tag[] {
  const tagged = (properties['Tags'] ?? []) as { Key: string; Value: unknown }[]
  const own = tagged.map(({ Key, Value }) => [Key, textOf(Value)] as const)
  const all = { ...tags, ...Object.fromEntries(own) }
  return Object.entries(all)
    .filter(([key]) => !key.startsWith('aws:'))
    .map(([Key, Value]) => ({ Key, Value }))
}

/** The same as a map, for the services that want one; empty when there are none. */
export function tagMapOf(request: ResourceRequest): Record<string, string> {
  return Object.fromEntries(tagsOf(request).map(({ Key, Value }) => [Key, Value]))
}

/** Keys that are there and no longer wanted. */
export function staleTags(existing: readonly { Key?: string | undefined }[] | undefined, wanted: Tag[]): string[] {
  const keys = new Set(wanted.map(({ Key }) => Key))
  return (existing ?? []).flatMap(({ Key }) => (Key === undefined || keys.has(Key) ? [] : [Key]))
}
