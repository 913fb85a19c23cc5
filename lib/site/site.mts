import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment/environments.mts'
import { withSettingsCopy } from '../environment/settings-copy.mts'
import type { Target } from '../environment/target.mts'
import { Failure, isExpected } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { request } from '../script/http.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { md5, readSiteFiles, releaseIn, withRelease, type SiteFile } from './files.mts'
import { manifestKey, readManifest, type Manifest } from './release.mts'
import { changedFiles, groupsOf, storedObjects, type StoredObject, type UploadGroup } from './upload.mts'

export const buildDirectory = 'frontend/dist'

/**
 * Copies the environment's file to where Vite reads it while `build` runs. Nothing else may get into the bundle: Vite also
 * reads .env.local in every mode, and prefers the shell's VITE_ variables to any file.
 */
export async function withSiteSettings<T>(
  target: Target,
  step: string,
  build: (env: Record<string, undefined>) => Promise<T>,
): Promise<T> {
  const stray = ['.env', '.env.local', '.env.production.local'].find((name) => existsSync(join(root, 'frontend', name)))
  if (stray) {
    throw new Failure(`frontend/${stray} would get into the build`, `mv frontend/${stray} frontend/mine${stray}`)
  }
  const shell = Object.keys(process.env).filter((name) => name.startsWith('VITE_'))
  return await withSettingsCopy(target, { step, reader: 'frontend', path: 'frontend/.env.production' }, () =>
    build(Object.fromEntries(shell.map((name) => [name, undefined]))),
  )
}

export interface LiveSite {
  /** The objects of the bucket. */
  stored: StoredObject[]
  /** The release that the live site names; empty when it names none. */
  live: string
  /** Of the live release; undefined when it has none. */
  liveManifest: Manifest | undefined
}

interface Upload extends LiveSite {
  /** The files to upload; empty when the bucket has them all. */
  groups: UploadGroup[]
  /** All files of the build, under the target's release. */
  manifest: Manifest
}

/** The files to upload so that the bucket has the build under the target's release. */
export async function planUpload(target: Target, outputs: StackOutputs): Promise<Upload> {
  const { environment, release } = target
  const files = readSiteFiles(join(root, buildDirectory), { sourceMaps: showsSource(environment) })
  const { stored, live, liveManifest } = await liveSite(outputs)

  const under = (id: string) => files.map((file) => (file.turn === 'entry' ? underRelease(file, id) : file))
  const asLive = Object.fromEntries(under(live).map((file) => [file.key, file.md5]))
  return {
    groups: groupsOf(changedFiles(files, stored, asLive, liveManifest?.files)),
    manifest: { release, files: under(release) },
    stored,
    live,
    liveManifest,
  }
}

/** Whether the source maps of an environment are public. */
export function showsSource(environment: Environment): boolean {
  return environment === 'development' || environment === 'local'
}

/** The objects of the bucket, and the release that the CDN serves. */
export async function liveSite(outputs: StackOutputs): Promise<LiveSite> {
  const [stored, live] = await Promise.all([storedObjects(outputs.SiteBucketName), liveRelease(outputs)])
  const staged = stored.some(({ Key }) => Key === manifestKey(live))
  return { stored, live, liveManifest: staged ? await readManifest(outputs.SiteBucketName, live) : undefined }
}

/** An entry document under a release. */
function underRelease(file: SiteFile, release: string): SiteFile {
  const html = Buffer.from(withRelease(readFileSync(join(root, buildDirectory, file.key), 'utf8'), release))
  return { ...file, md5: md5(html), size: html.length }
}

/** The release that the CDN serves; empty when the site does not answer, so that every file counts as new. */
async function liveRelease(outputs: StackOutputs): Promise<string> {
  try {
    const answer = await request(addresses(outputs).site + '/')
    return releaseIn(await answer.text())
  } catch (error) {
    if (isExpected(error)) return ''
    throw error
  }
}
