import { read, run } from '../script/shell.mts'
import type { SiteFile } from './files.mts'

/** An object as `aws s3api list-objects-v2` lists it. */
export interface StoredObject {
  Key: string
  ETag: string
  Size: number
}

/** The files of one `aws` call, which share type and caching. A process takes about a second, so never one per file. */
export interface UploadGroup {
  turn: SiteFile['turn']
  contentType: string
  cacheControl: string
  keys: string[]
}

/**
 * The files that the bucket does not have with this content and these headers. The name of a hashed asset stands for its
 * content; other files are compared. An entry document that differs only in its release id is unchanged, and is uploaded
 * only along with another file.
 * @param manifest files of the live release with their headers; without it, these are unknown
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

/** Hex MD5 of an object that was uploaded in one part. */
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

/** Files in groups, in the order to upload them: assets, other files, entry documents. */
export function groupsOf(files: SiteFile[]): UploadGroup[] {
  const groups = new Map<string, UploadGroup>()
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

/** Uploads the files that all releases share: they are only ever added, never replaced. */
export async function uploadAssets(build: string, bucket: string, groups: UploadGroup[]): Promise<void> {
  for (const group of groups.filter(({ turn }) => turn === 'asset')) {
    await run`aws s3 cp ${build} s3://${bucket} --no-progress ${copyFlags(group)}`
  }
}

/** Flags of `aws s3 cp` for a group: exactly its files, with its headers. */
export function copyFlags({ keys, contentType, cacheControl }: UploadGroup): string[] {
  return [...onlyFlags(keys), '--content-type', contentType, '--cache-control', cacheControl]
}

/** Flags of `aws s3 cp --recursive` for exactly these keys. */
export function onlyFlags(keys: string[]): string[] {
  return ['--recursive', '--exclude', '*', ...included(keys)]
}

/** The flag takes a glob: names are escaped. */
function included(keys: string[]): string[] {
  return keys.flatMap((key) => ['--include', key.replace(/[[\]?*]/g, '[$&]')])
}
