import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addresses } from './addresses.mts'
import { Failure } from './failure.mts'
import { fetched } from './proof.mts'
import { withSettings } from './settings-copy.mts'
import { read, root } from './shell.mts'
import { md5, releaseIn, siteFiles, withRelease, type SiteFile } from './site-files.mts'
import { changedFiles, groupsOf, type Group, type StoredObject } from './site-upload.mts'
import type { StackOutputs } from './stack-outputs.mts'
import { stateFile } from './state-file.mts'
import type { Target } from './target.mts'

export const buildDirectory = 'frontend/dist'

/**
 * Lays the environment's file where Vite reads it while `build` runs. Nothing else may get into the bundle: Vite also
 * reads .env.local in every mode, and prefers the shell's VITE_ variables to any file.
 */
export async function withSiteSettings<T>(
  target: Target,
  build: (env: Record<string, undefined>) => Promise<T>,
): Promise<T> {
  const stray = ['.env', '.env.local', '.env.production.local'].find((name) => existsSync(join(root, 'frontend', name)))
  if (stray) {
    throw new Failure(`frontend/${stray} would get into the build`, `mv frontend/${stray} frontend/mine${stray}`)
  }
  const shell = Object.keys(process.env).filter((name) => name.startsWith('VITE_'))
  return await withSettings('frontend', target, 'frontend/.env.production', () =>
    build(Object.fromEntries(shell.map((name) => [name, undefined]))),
  )
}

interface Upload {
  /** Empty: the bucket has it all. */
  groups: Group[]
  /** Where the entry documents are, with their release filled in. */
  entryDirectory: string
  /** The release that the live site names. */
  live: string
}

/** What has to travel so that the bucket holds the build under the target's release. */
export async function plannedUpload(target: Target, outputs: StackOutputs): Promise<Upload> {
  const { environment, release } = target
  const sourceMaps = environment === 'development' || environment === 'local'
  const files = siteFiles(join(root, buildDirectory), { sourceMaps })
  const stored = await read<
    StoredObject[] | null
  >`aws s3api list-objects-v2 --bucket ${outputs.SiteBucketName} --query ${'Contents[].{Key:Key,ETag:ETag,Size:Size}'}`
  const live = stored?.some(({ Key }) => Key === 'index.html') ? await liveRelease(outputs) : ''

  const entries = files.filter(({ turn }) => turn === 'entry')
  const asLive = Object.fromEntries(entries.map(({ key }) => [key, md5(withRelease(built(key), live))]))
  for (const { key } of entries) {
    writeFileSync(join(root, stateFile(environment, 'entry', key)), withRelease(built(key), release))
  }
  return {
    groups: groupsOf(changedFiles(files, stored ?? [], asLive)),
    entryDirectory: dirname(stateFile(environment, 'entry', 'index.html')),
    live,
  }
}

function built(key: SiteFile['key']): string {
  return readFileSync(join(root, buildDirectory, key), 'utf8')
}

/** The release that the CDN serves. A site that does not answer is no reason to stop: then everything is compared as new. */
async function liveRelease(outputs: StackOutputs): Promise<string> {
  try {
    const answer = await fetched(addresses(outputs).site + '/')
    return releaseIn(await answer.text())
  } catch (error) {
    if (error instanceof Failure) return ''
    throw error
  }
}
