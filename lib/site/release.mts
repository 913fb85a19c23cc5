import type { Environment } from '../environment/environments.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root, makeRunDirectory } from '../script/files.mts'
import { probe, run } from '../script/shell.mts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { excludeFlags, copyObjects, multipartThreshold } from './copy.mts'
import type { SiteFile } from './files.mts'
import { differing, groupsOf, holds, transferTogether, uploadGroup, type StoredObject } from './upload.mts'

/*
 * A release of the site in the bucket: all releases share the files with a hash in their names, which are only ever added;
 * releases/<id>/ has the other files, and releases/<id>.json, written last, the manifest. Their copies at the root are
 * live: to publish is to replace these.
 */

export interface Manifest {
  release: string
  /** Each with its headers: a file whose headers change is uploaded again. */
  files: SiteFile[]
}

export function manifestKey(release: string): string {
  return `releases/${release}.json`
}

const releasePattern = /^\d{8}T\d{6}Z-[0-9a-f]{7,40}(-dirty)?$/

/** Fails with exit 2 on anything that is not the id of a release. */
export function parseReleaseId(text: string): string {
  if (releasePattern.test(text)) return text
  throw new Failure(
    `${JSON.stringify(text)} is not a release id`,
    `give the id of a release, such as 20261123T101500Z-1a2b3c4; ${invocation('releases', '…')} lists them`,
    2,
  )
}

/** Undefined when the release was not staged completely, or is none. */
export async function readManifest(bucket: string, release: string): Promise<Manifest | undefined> {
  if (!releasePattern.test(release)) return undefined
  const result = await probe`aws s3 cp s3://${bucket}/${manifestKey(release)} -`
  if (result.exitCode === 0) return parseManifest(result.stdout)
  if (/\(404\)|NoSuchKey/.test(result.stderr)) return undefined
  throw result.failed()
}

function parseManifest(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest
  } catch {
    // cut off, or someone else's
    return undefined
  }
}

/** What the bucket has. */
export interface LiveSite {
  /** Its objects. */
  stored: StoredObject[]
  /** The release that the page names; empty when it names none. */
  live: string
  /** Of the live release; undefined when it was not staged completely. */
  liveManifest: Manifest | undefined
  /** The files of the live release that are as they were published, by key. */
  intact: ReadonlyMap<string, SiteFile>
}

interface NewRelease {
  bucket: string
  /** Directory of the build, from the root. */
  build: string
  manifest: Manifest
  site: LiveSite
}

/**
 * Uploads what the bucket lacks: the hashed files to their places, the others to releases/<id>/, the manifest last: it
 * marks the release as complete. The live site is the same afterwards.
 */
export async function stageRelease(
  environment: Environment,
  { bucket, build, manifest, site }: NewRelease,
): Promise<void> {
  const { release, files } = manifest
  const source = { environment, build, release }
  const staged = `s3://${bucket}/releases/${release}`
  const { kept, flagsForAll } = reusable(manifest, site)
  const assets = differing(files, site.intact).filter(({ turn }) => turn === 'asset')
  const uploads = groupsOf([...assets, ...unhashed(files).filter((file) => !kept.includes(file))])
  await transferTogether({
    ...Object.fromEntries(
      uploads.map((group) => [
        `${group.turn} ${group.contentType.split(';')[0]}`,
        () => uploadGroup(source, group, group.turn === 'asset' ? `s3://${bucket}` : staged),
      ]),
    ),
    ...(kept.length > 0
      ? {
          unchanged: () =>
            copyObjects({ from: `s3://${bucket}/releases/${site.live}`, to: staged, files: kept, flagsForAll }),
        }
      : {}),
  })
  await writeManifest(environment, bucket, manifest)
}

/** The files that the live release has staged as they are; none where naming them would take too long a line. */
function reusable({ files }: Manifest, { stored, live, liveManifest }: LiveSite) {
  const before = unhashed(liveManifest?.files ?? [])
  const objects = new Map(stored.map((object) => [object.Key, object]))
  const there = before.filter((file) => holds(objects.get(`releases/${live}/${file.key}`), file))
  const changed = new Set(differing(unhashed(files), new Map(there.map((file) => [file.key, file]))))
  const kept = unhashed(files).filter((file) => !changed.has(file))
  const keys = new Set(kept.map(({ key }) => key))
  const flagsForAll = excludeFlags(before.filter(({ key }) => !keys.has(key)))
  return { kept: flagsForAll || kept.length <= 20 ? kept : [], flagsForAll }
}

/** Uploads the manifest of a release whose files are all uploaded. */
export async function writeManifest(environment: Environment, bucket: string, manifest: Manifest): Promise<void> {
  const file = join(makeRunDirectory(environment, 'upload'), 'manifest.json')
  writeFileSync(join(root, file), JSON.stringify(manifest))
  await run`aws s3 cp ${file} s3://${bucket}/${manifestKey(manifest.release)} --no-progress --content-type application/json --cache-control no-cache`
}

/**
 * Makes a staged release the live one: copies its files over the live ones inside the bucket, documents last. Skips a file
 * that is already live.
 */
export async function makeLive(
  bucket: string,
  { release, files }: Manifest,
  intact: ReadonlyMap<string, SiteFile>,
): Promise<void> {
  const changed = differing(unhashed(files), intact)
  const [from, to] = [`s3://${bucket}/releases/${release}`, `s3://${bucket}`]
  const others = changed.filter(({ turn }) => turn === 'other')
  // the page last, even where it is live already: what is newer than it was not published
  const documents = unhashed(files).filter(
    (file) => file.turn === 'entry' && (changed.includes(file) || (changed.length > 0 && file.key === 'index.html')),
  )
  // a small file that stays as it is may be copied again; a large one would lose its headers
  const left = unhashed(files).filter((file) => file.turn === 'entry' || file.size >= multipartThreshold())
  await copyObjects({
    from,
    to,
    files: others,
    flagsForAll: excludeFlags(left.filter((file) => !others.includes(file))),
  })
  await copyObjects({ from, to, files: documents, flagsForAll: undefined })
}

/** Whether every file of a release is live: a copy over the live ones may have stopped half-way. */
export function isLive({ files }: Manifest, intact: ReadonlyMap<string, SiteFile>): boolean {
  return differing(unhashed(files), intact).length === 0
}

/** Keys of a release that the bucket no longer has, or not completely: without them its pages would break. */
export function missingFrom({ release, files }: Manifest, stored: StoredObject[]): string[] {
  const objects = new Map(stored.map((object) => [object.Key, object]))
  return files
    .map((file) => ({ file, key: file.turn === 'asset' ? file.key : `releases/${release}/${file.key}` }))
    .filter(({ file, key }) => !holds(objects.get(key), file))
    .map(({ key }) => key)
}

/** Releases that were staged completely, newest first. */
export function stagedReleases(stored: StoredObject[]): string[] {
  return stored
    .flatMap(({ Key }) => /^releases\/([^/]+)\.json$/.exec(Key)?.[1] ?? [])
    .toSorted()
    .toReversed()
}

/** The files that each release has of its own. */
export function unhashed(files: SiteFile[]): SiteFile[] {
  return files.filter(({ turn }) => turn !== 'asset')
}
