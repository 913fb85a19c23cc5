import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Environment } from '../environment/environments.mts'
import { root, makeRunDirectory } from '../script/files.mts'
import { runTogether } from '../script/job.mts'
import { read, run } from '../script/shell.mts'
import { withRelease, type SiteFile } from './files.mts'

/** An object as `aws s3api list-objects-v2` lists it. */
export interface StoredObject {
  Key: string
  ETag: string
  Size: number
  LastModified: string
}

/** Every object in the bucket. */
export async function listStoredObjects(bucket: string): Promise<StoredObject[]> {
  const fields = 'Contents[].{Key:Key,ETag:ETag,Size:Size,LastModified:LastModified}'
  const stored = await read<StoredObject[] | null>`aws s3api list-objects-v2 --bucket ${bucket} --query ${fields}`
  return stored ?? []
}

/** Whether an object has a file's content. The ETag of one that was uploaded in parts is not its MD5. */
export function holds(object: StoredObject | undefined, { md5, size }: SiteFile): boolean {
  if (object?.Size !== size) return false
  const etag = object.ETag.replaceAll('"', '')
  return etag === md5 || etag.includes('-')
}

/**
 * The live files that are as they were published, by key. A listing does not show headers: those of the manifest hold
 * for an object that is not newer than the page, since the page is what a publication writes last.
 * @param files of the live release
 */
export function intactFiles(files: SiteFile[], stored: StoredObject[]): Map<string, SiteFile> {
  const objects = new Map(stored.map((object) => [object.Key, object]))
  const published = Date.parse(objects.get('index.html')?.LastModified ?? '')
  const isIntact = (file: SiteFile) => {
    const object = objects.get(file.key)
    return holds(object, file) && (file.turn === 'entry' || Date.parse(object!.LastModified) <= published)
  }
  return new Map(files.filter(isIntact).map((file) => [file.key, file]))
}

/** The files that are not live with this content and these headers. */
export function differing(files: SiteFile[], live: ReadonlyMap<string, SiteFile>): SiteFile[] {
  return files.filter((file) => !isSame(file, live.get(file.key)))
}

function isSame(one: SiteFile, other: SiteFile | undefined): boolean {
  return (
    other !== undefined &&
    one.md5 === other.md5 &&
    one.size === other.size &&
    one.contentType === other.contentType &&
    one.cacheControl === other.cacheControl
  )
}

/** The keys for the record of a release, which may have 400 KB in all. */
export function recordedKeys(files: SiteFile[]): string[] {
  const keys = files.map(({ key }) => key)
  return keys.length > 300 ? [...keys.slice(0, 300), `and ${keys.length - 300} more`] : keys
}

/** The files of one `aws` call, which share type and caching. A process takes about a second, so never one per file. */
interface FileGroup {
  turn: SiteFile['turn']
  contentType: string
  cacheControl: string
  files: SiteFile[]
}

export function groupsOf(files: SiteFile[]): FileGroup[] {
  const groups = new Map<string, FileGroup>()
  for (const file of files) {
    const { turn, contentType, cacheControl } = file
    const name = `${turn} ${contentType} ${cacheControl}`
    const group = groups.get(name) ?? { turn, contentType, cacheControl, files: [] }
    group.files.push(file)
    groups.set(name, group)
  }
  return [...groups.values()]
}

export function headerFlags({ contentType, cacheControl }: Pick<SiteFile, 'contentType' | 'cacheControl'>): string[] {
  return ['--content-type', contentType, '--cache-control', cacheControl]
}

interface Source {
  environment: Environment
  /** Directory of the build, from the root. */
  build: string
  /** Written into the documents. */
  release: string
}

/**
 * Links the files of a group into a directory of their own and returns it, from the root. The command that uploads them
 * then names no file: `aws s3 cp` matches each file with each pattern, and Linux takes no argument of more than 128 KiB.
 */
function linkGroup({ environment, build, release }: Source, { turn, contentType, files }: FileGroup): string {
  const [type = ''] = contentType.split(';')
  const directory = join(makeRunDirectory(environment, 'upload'), `${turn}-${type.replaceAll('/', '-')}`)
  rmSync(join(root, directory), { recursive: true, force: true })
  const made = new Set<string>()
  for (const { key } of files) {
    const [from, to] = [join(root, build, key), join(root, directory, key)]
    const parent = dirname(to)
    if (!made.has(parent)) mkdirSync(parent, { recursive: true })
    made.add(parent)
    if (turn === 'entry') writeFileSync(to, withRelease(readFileSync(from, 'utf8'), release))
    else link(from, to)
  }
  return directory
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    // not every file system has hard links
    copyFileSync(from, to)
  }
}

/** Uploads a group of files with its headers. */
export async function uploadGroup(source: Source, group: FileGroup, to: string): Promise<void> {
  await run`aws s3 cp ${linkGroup(source, group)} ${to} --recursive --no-progress ${headerFlags(group)}`
}

/** At once: an `aws` keeps a core busy for half a second before it sends anything. */
const lanes = 4

/** Runs transfers side by side, a few at a time. The first that fails stops the others. */
export async function transferTogether(transfers: Record<string, () => Promise<void>>): Promise<void> {
  const [only, ...others] = Object.values(transfers)
  if (others.length === 0) return await only?.()
  let free = lanes
  const waiting: (() => void)[] = []
  const inLane = (transfer: () => Promise<void>) => async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      await transfer()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
  await runTogether(Object.fromEntries(Object.entries(transfers).map(([name, work]) => [name, inLane(work)])))
}
