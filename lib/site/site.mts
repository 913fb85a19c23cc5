import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addresses, type StackOutputs } from '../stack/outputs.mts'
import type { Environment } from '../environment/environments.mts'
import { Failure, isExpected } from '../script/failure.mts'
import { request } from '../script/http.mts'
import { withSettingsCopy } from '../environment/settings-copy.mts'
import { root } from '../script/shell.mts'
import { md5, releaseIn, siteFiles, withRelease, type SiteFile } from './files.mts'
import { manifestKey, readManifest, type Manifest } from './release.mts'
import { changedFiles, groupsOf, storedObjects, type Group, type StoredObject } from './upload.mts'
import type { Target } from '../environment/target.mts'

export const buildDirectory = 'frontend/dist'

/**
 * Lays the environment's file where Vite reads it while `build` runs. Nothing else may get into the bundle: Vite also
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
  /** What the bucket holds now. */
  stored: StoredObject[]
  /** The release that the live site names; empty when it names none. */
  live: string
  /** Of the live release; undefined when none was written. */
  liveManifest: Manifest | undefined
}

interface Upload extends LiveSite {
  /** Empty: the bucket has it all. */
  groups: Group[]
  /** Everything that the build consists of, under the target's release. */
  manifest: Manifest
}

/** What has to travel so that the bucket holds the build under the target's release. */
export async function planUpload(target: Target, outputs: StackOutputs): Promise<Upload> {
  const { environment, release } = target
  const files = siteFiles(join(root, buildDirectory), { sourceMaps: showsSource(environment) })
  const { stored, live, liveManifest } = await liveSite(outputs)

  const under = (id: string) => files.map((file) => (file.turn === 'entry' ? named(file, id) : file))
  const asLive = Object.fromEntries(under(live).map((file) => [file.key, file.md5]))
  return {
    groups: groupsOf(changedFiles(files, stored, asLive, liveManifest?.files)),
    manifest: { release, files: under(release) },
    stored,
    live,
    liveManifest,
  }
}

/** Whether its source maps are public. */
export function showsSource(environment: Environment): boolean {
  return environment === 'development' || environment === 'local'
}

/** What the bucket holds and the CDN serves. */
export async function liveSite(outputs: StackOutputs): Promise<LiveSite> {
  const [stored, live] = await Promise.all([storedObjects(outputs.SiteBucketName), liveRelease(outputs)])
  const staged = stored.some(({ Key }) => Key === manifestKey(live))
  return { stored, live, liveManifest: staged ? await readManifest(outputs.SiteBucketName, live) : undefined }
}

/** An entry document as it is under a release. */
function named(file: SiteFile, release: string): SiteFile {
  const html = Buffer.from(withRelease(readFileSync(join(root, buildDirectory, file.key), 'utf8'), release))
  return { ...file, md5: md5(html), size: html.length }
}

/** The release that the CDN serves. A site that does not answer is no reason to stop: then everything is compared as new. */
async function liveRelease(outputs: StackOutputs): Promise<string> {
  try {
    const answer = await request(addresses(outputs).site + '/')
    return releaseIn(await answer.text())
  } catch (error) {
    if (isExpected(error)) return ''
    throw error
  }
}
