import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Target } from '../environment/target.mts'
import { Failure } from '../script/failure.mts'
import { root, stateFile, writeStateFile } from '../script/files.mts'
import { probe, run } from '../script/shell.mts'
import { withRelease, type SiteFile } from './files.mts'
import { changedFiles, copyFlags, etag, groupsOf, onlyFlags, type StoredObject } from './upload.mts'

/*
 * A release of the site in the bucket: all releases share assets/, where files are only ever added; releases/<id>/ has the
 * other files and, written last, the manifest. Their copies at the root are live: to publish is to replace these.
 */

export interface Manifest {
  release: string
  /** Each with its headers: a file whose headers change is uploaded again. */
  files: SiteFile[]
}

export function manifestKey(release: string): string {
  return `releases/${release}/manifest.json`
}

/** Fails with exit 2 on anything that is not the id of a release. */
export function parseReleaseId(text: string): string {
  if (/^\d{8}T\d{6}Z-[0-9a-f]{7,40}(-dirty)?$/.test(text)) return text
  throw new Failure(
    `${JSON.stringify(text)} is not a release id`,
    'give the id of a release, such as 20261123T101500Z-1a2b3c4; make releases ENV=… lists them',
    2,
  )
}

/** Undefined when the release was not staged completely. */
export async function readManifest(bucket: string, release: string): Promise<Manifest | undefined> {
  const result = await probe`aws s3 cp s3://${bucket}/${manifestKey(release)} -`
  if (result.exitCode === 0) return JSON.parse(result.stdout) as Manifest
  if (/\(404\)|NoSuchKey/.test(result.stderr)) return undefined
  throw result.failed()
}

/** Uploads the files without a hash in their names to releases/<id>/, the manifest last: it marks the release as complete. */
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

/** Uploads the manifest of a release whose files are all uploaded. */
async function writeManifest(
  { environment }: Pick<Target, 'environment'>,
  bucket: string,
  manifest: Manifest,
): Promise<void> {
  const file = writeStateFile(environment, ['site', 'manifest.json'], manifest)
  await run`aws s3 cp ${file} s3://${bucket}/${manifestKey(manifest.release)} --no-progress --content-type application/json --cache-control no-cache`
}

/**
 * Makes a staged release the live one: copies its files over the live ones inside the bucket, with their headers, entry
 * documents last. Skips a file that is already live.
 * @param live objects of the bucket before the copy
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

/** Keys of a release that the bucket no longer has, or not completely: without them its pages would break. */
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

function unhashed({ files }: Manifest): SiteFile[] {
  return files.filter(({ turn }) => turn !== 'asset')
}

interface ReleaseCopy {
  /** Bucket that has the release. */
  from: string
  /** Bucket that gets it. */
  to: string
  manifest: Manifest
  /** Objects of the bucket that gets it. */
  stored: StoredObject[]
  /** Manifest of the live release of that bucket: it has the headers of its files. */
  live: Manifest | undefined
}

/**
 * Copies a staged release to another bucket, with its headers, without a download: assets first, then releases/<id>/, the
 * manifest last. Skips a file that is already there. Returns the keys that were copied.
 */
export async function copyRelease(target: Pick<Target, 'environment'>, copy: ReleaseCopy): Promise<string[]> {
  const { from, to, manifest } = copy
  const { assets, others } = filesToCopy(copy)
  if (assets.length > 0) await run`aws s3 cp s3://${from} s3://${to} --no-progress ${onlyFlags(assets)}`
  if (others.length === 0) return assets
  const directory = `releases/${manifest.release}`
  await run`aws s3 cp s3://${from}/${directory} s3://${to}/${directory} --no-progress ${onlyFlags(others)}`
  await writeManifest(target, to, manifest)
  return [...assets, ...others]
}

/** Keys that the bucket lacks, or has with other headers. A release that is complete there never changes. */
export function filesToCopy({ manifest, stored, live }: Pick<ReleaseCopy, 'manifest' | 'stored' | 'live'>) {
  const assets = manifest.files.filter(({ turn }) => turn === 'asset')
  const isComplete =
    missingFrom(manifest, stored).length === 0 && stored.some(({ Key }) => Key === manifestKey(manifest.release))
  return {
    assets: changedFiles(assets, stored, {}, live?.files).map(({ key }) => key),
    others: isComplete ? [] : unhashed(manifest).map(({ key }) => key),
  }
}
