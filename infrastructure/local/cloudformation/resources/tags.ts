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

/** How one service lists and changes the tags of one resource. */
export interface Tagging {
  existing: () => Promise<readonly { Key?: string | undefined }[] | undefined>
  remove: (keys: string[]) => Promise<unknown>
  add: (tags: Tag[]) => Promise<unknown>
}

/** Brings a resource's tags to what the template and its stack want. */
export async function retag(request: ResourceRequest, { existing, remove, add }: Tagging): Promise<void> {
  const wanted = tagsOf(request)
  const keys = new Set(wanted.map(({ Key }) => Key))
  const stale = ((await existing()) ?? []).flatMap(({ Key }) => (Key === undefined || keys.has(Key) ? [] : [Key]))
  if (stale.length > 0) await remove(stale)
  if (wanted.length > 0) await add(wanted)
}
