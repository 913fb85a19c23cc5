import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { probe, root, run } from '../script/shell.mts'
import { withRelease, type SiteFile } from './files.mts'
import { copyFlags, etag, groupsOf, onlyFlags, type StoredObject } from './upload.mts'
import { stateFile } from '../script/state-file.mts'
import type { Target } from '../environment/target.mts'

/*
 * A release of the site in the bucket: assets/ are shared by all releases and only ever added; releases/<id>/ holds the
 * other files and, written last, the manifest; their copies at the root are live. To swap these is to publish.
 */

export interface Manifest {
  release: string
  /** Each with its headers: where these change, the file is put anew. */
  files: SiteFile[]
}

export function manifestKey(release: string): string {
  return `releases/${release}/manifest.json`
}

/** Fails with exit 2 on what cannot be the id of a release. */
export function releaseIdFrom(text: string): string {
  if (/^\d{8}T\d{6}Z-[0-9a-f]{7,40}(-dirty)?$/.test(text)) return text
  throw new Failure(
    `RELEASE is ${JSON.stringify(text)}`,
    'give the id of a release, such as 20261123T101500Z-1a2b3c4; make releases ENV=… lists them',
    2,
  )
}

/** Undefined when the release was never staged completely. */
export async function readManifest(bucket: string, release: string): Promise<Manifest | undefined> {
  const result = await probe`aws s3 cp s3://${bucket}/${manifestKey(release)} -`
  if (result.exitCode === 0) return JSON.parse(result.stdout) as Manifest
  if (/\(404\)|NoSuchKey/.test(result.stderr)) return undefined
  throw result.failed()
}

/** Writes the files that carry no hash below releases/<id>/, the manifest last: it says that the release is complete. */
export async function stageRelease(
  { environment }: Pick<Target, 'environment'>,
  { bucket, build, manifest }: { bucket: string; build: string; manifest: Manifest },
): Promise<void> {
  const directory = dirname(stateFile(environment, 'site', 'manifest.json'))
  rmSync(join(root, directory), { recursive: true })
  const files = unhashed(manifest)
  for (const { key, turn } of files) {
    const [from, to] = [join(root, build, key), join(root, directory, key)]
    mkdirSync(dirname(to), { recursive: true })
    if (turn === 'entry') writeFileSync(to, withRelease(readFileSync(from, 'utf8'), manifest.release))
    else copyFileSync(from, to)
  }
  const to = `s3://${bucket}/releases/${manifest.release}`
  for (const group of groupsOf(files)) {
    await run`aws s3 cp ${directory} ${to} --no-progress ${copyFlags(group)}`
  }
  await writeManifest({ environment }, bucket, manifest)
}

/** Writes the manifest of a release whose files are all there. */
export async function writeManifest(
  { environment }: Pick<Target, 'environment'>,
  bucket: string,
  manifest: Manifest,
): Promise<void> {
  const file = stateFile(environment, 'site', 'manifest.json')
  writeFileSync(join(root, file), JSON.stringify(manifest, null, 2) + '\n')
  await run`aws s3 cp ${file} s3://${bucket}/${manifestKey(manifest.release)} --no-progress --content-type application/json --cache-control no-cache`
}

/**
 * Makes a staged release the live one: its files are copied over the live ones inside the bucket, headers and all, entry
 * documents last. What is live already is skipped.
 * @param live objects of the bucket as they were before
 */
export async function makeLive(bucket: string, manifest: Manifest, live: StoredObject[]): Promise<void> {
  const objects = new Map(live.map((object) => [object.Key, etag(object)]))
  const changed = unhashed(manifest).filter(({ key, md5 }) => objects.get(key) !== md5)
  const from = `s3://${bucket}/releases/${manifest.release}`
  for (const keys of [changed.filter(({ turn }) => turn === 'other'), changed.filter(({ turn }) => turn === 'entry')]) {
    if (keys.length === 0) continue
    await run`aws s3 cp ${from} s3://${bucket} --no-progress ${onlyFlags(keys.map(({ key }) => key))}`
  }
}

/** Keys of a release that the bucket has no more, or not whole: without them its pages would break. */
export function missingFrom({ release, files }: Manifest, stored: StoredObject[]): string[] {
  const sizes = new Map(stored.map(({ Key, Size }) => [Key, Size]))
  return files
    .map(({ key, turn, size }) => ({ key: turn === 'asset' ? key : `releases/${release}/${key}`, size }))
    .filter(({ key, size }) => sizes.get(key) !== size)
    .map(({ key }) => key)
}

/** Releases that were staged completely, newest first. */
export function stagedReleases(stored: StoredObject[]): string[] {
  return stored
    .flatMap(({ Key }) => /^releases\/([^/]+)\/manifest\.json$/.exec(Key)?.[1] ?? [])
    .toSorted()
    .toReversed()
}

export function unhashed({ files }: Manifest): SiteFile[] {
  return files.filter(({ turn }) => turn !== 'asset')
}
