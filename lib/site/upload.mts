import { read, run } from '../script/shell.mts'
import type { SiteFile } from './files.mts'

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
 * The files that are not in the bucket as they are here, or not with these headers. A hashed asset is its name; others are
 * compared by content. An entry document that differs only in its release id is unchanged, and travels only along with
 * something else.
 * @param manifest of the live release: the headers that its files have; without one nobody knows any
 */
export function changedFiles(
  files: SiteFile[],
  stored: StoredObject[],
  liveEntries: Record<string, string>,
  manifest: SiteFile[] | undefined,
): SiteFile[] {
  const objects = new Map(stored.map((object) => [object.Key, object]))
  const known = new Map(manifest?.map((file) => [file.key, file]))
  const changed = files.filter(({ key, turn, size, md5, contentType, cacheControl }) => {
    const object = objects.get(key)
    const before = known.get(key)
    if (!object || before?.contentType !== contentType || before.cacheControl !== cacheControl) return true
    if (turn === 'asset') return object.Size !== size
    return etag(object) !== (turn === 'entry' ? liveEntries[key] : md5)
  })
  return changed.length === 0 ? [] : files.filter((file) => file.turn === 'entry' || changed.includes(file))
}

/** Hex MD5 of an object that was put in one part. */
export function etag({ ETag }: StoredObject): string {
  return ETag.replaceAll('"', '')
}

/** Every object in the bucket. */
export async function storedObjects(bucket: string): Promise<StoredObject[]> {
  const stored = await read<
    StoredObject[] | null
  >`aws s3api list-objects-v2 --bucket ${bucket} --query ${'Contents[].{Key:Key,ETag:ETag,Size:Size}'}`
  return stored ?? []
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

/** Uploads what all releases share: only ever added, never replaced. */
export async function uploadAssets(build: string, bucket: string, groups: Group[]): Promise<void> {
  for (const group of groups.filter(({ turn }) => turn === 'asset')) {
    await run`aws s3 cp ${build} s3://${bucket} --no-progress ${copyFlags(group)}`
  }
}

/** Flags of `aws s3 cp` for a group: exactly its files, with its headers. Its patterns are globs; the names are literal. */
export function copyFlags({ keys, contentType, cacheControl }: Group): string[] {
  return [...onlyFlags(keys), '--content-type', contentType, '--cache-control', cacheControl]
}

/** Flags of `aws s3 cp --recursive` for exactly these keys. */
export function onlyFlags(keys: string[]): string[] {
  return ['--recursive', '--exclude', '*', ...included(keys)]
}

function included(keys: string[]): string[] {
  return keys.flatMap((key) => ['--include', key.replace(/[[\]?*]/g, '[$&]')])
}
