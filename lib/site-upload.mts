import type { SiteFile } from './site-files.mts'

/** An object as `aws s3api list-objects-v2` lists it. */
export interface StoredObject {
  Key: string
  ETag: string
  Size: number
}

/** One `aws` call: files that share type and caching. A process costs about a second, so never one per file. */
export interface Group {
  turn: SiteFile['turn']
  contentType: string
  cacheControl: string
  keys: string[]
}

/**
 * The files that are not in the bucket as they are here. A hashed asset is its name; others are compared by content. An
 * entry document that differs only in its release id is unchanged, and travels only along with something else.
 */
export function changedFiles(
  files: SiteFile[],
  stored: StoredObject[],
  liveEntries: Record<string, string>,
): SiteFile[] {
  const objects = new Map(stored.map((object) => [object.Key, object]))
  const changed = files.filter(({ key, turn, size, md5 }) => {
    const object = objects.get(key)
    if (!object) return true
    if (turn === 'asset') return object.Size !== size
    return object.ETag.replaceAll('"', '') !== (turn === 'entry' ? liveEntries[key] : md5)
  })
  return changed.length === 0 ? [] : files.filter((file) => file.turn === 'entry' || changed.includes(file))
}

/** Files in groups, in the order in which they may go: assets, other files, entry documents. */
export function groupsOf(files: SiteFile[]): Group[] {
  const groups = new Map<string, Group>()
  for (const turn of ['asset', 'other', 'entry'] as const) {
    for (const { key, contentType, cacheControl } of files.filter((file) => file.turn === turn)) {
      const name = `${turn} ${contentType} ${cacheControl}`
      const group = groups.get(name) ?? { turn, contentType, cacheControl, keys: [] }
      group.keys.push(key)
      groups.set(name, group)
    }
  }
  return [...groups.values()]
}

/** Flags of `aws s3 cp` for a group: exactly its files, with its headers. Its patterns are globs; the names are literal. */
export function copyFlags({ keys, contentType, cacheControl }: Group): string[] {
  return [
    '--recursive',
    '--exclude',
    '*',
    ...keys.flatMap((key) => ['--include', key.replace(/[[\]?*]/g, '[$&]')]),
    '--content-type',
    contentType,
    '--cache-control',
    cacheControl,
  ]
}
