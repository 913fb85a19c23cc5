import type { Environment } from '../environment/environments.mts'
import { excludeFlags, copyObjects, multipartThreshold } from './copy.mts'
import type { SiteFile } from './files.mts'
import { manifestKey, missingFrom, unhashed, writeManifest, type LiveSite, type Manifest } from './release.mts'
import { differing, transferTogether } from './upload.mts'

interface ReleaseCopy {
  /** Bucket that has the release. */
  from: string
  /** Bucket that gets it. */
  to: string
  manifest: Manifest
  /** What the bucket that gets it has. */
  site: Pick<LiveSite, 'stored' | 'intact'>
}

/**
 * Copies a staged release to another bucket, with its headers, without a download: the manifest last. Skips a file that is
 * already there. Returns the files that were copied.
 */
export async function copyRelease(environment: Environment, copy: ReleaseCopy): Promise<SiteFile[]> {
  const { from, to, manifest } = copy
  const { assets, others } = filesToCopy(copy)
  const maps = manifest.files.some(({ key }) => key.endsWith('.map')) ? [] : ['--exclude', '*.map']
  const directory = `releases/${manifest.release}`
  await transferTogether({
    assets: () =>
      copyObjects({ from: `s3://${from}`, to: `s3://${to}`, files: assets, flagsForAll: allAssets(copy, assets) }),
    others: () =>
      copyObjects({
        from: `s3://${from}/${directory}`,
        to: `s3://${to}/${directory}`,
        files: others,
        flagsForAll: maps,
      }),
  })
  if (others.length > 0) await writeManifest(environment, to, manifest)
  return [...assets, ...others]
}

/** The flags for the assets of every release of the source: only worth it where naming them would take minutes. */
function allAssets({ manifest: { files }, site: { stored } }: ReleaseCopy, assets: SiteFile[]): string[] | undefined {
  const [copied, large] = [new Set(assets.map(({ key }) => key)), multipartThreshold()]
  // a large one that stays as it is would lose its headers
  const kept = stored.filter(({ Key, Size }) => Size >= large && !copied.has(Key)).map(({ Key }) => ({ key: Key }))
  const others = excludeFlags(
    [...unhashed(files), ...kept].filter(({ key }) => key.startsWith('assets/') && !key.endsWith('.map')),
  )
  if (assets.length <= 1000 || !others) return undefined
  return ['--exclude', '*', '--include', 'assets/*', '--exclude', '*.map', ...others]
}

/** Files that the bucket lacks, or has with other headers. A release that is complete there never changes. */
export function filesToCopy({ manifest, site: { stored, intact } }: Pick<ReleaseCopy, 'manifest' | 'site'>) {
  const { release, files } = manifest
  const isComplete =
    missingFrom(manifest, stored).length === 0 && stored.some(({ Key }) => Key === manifestKey(release))
  return {
    assets: differing(files, intact).filter(({ turn }) => turn === 'asset'),
    others: isComplete ? [] : unhashed(files),
  }
}
