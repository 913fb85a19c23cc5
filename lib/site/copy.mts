import { run } from '../script/shell.mts'
import { writeManifest, manifestKey, missingFrom, unhashed, type Manifest } from './release.mts'
import { changedFiles, onlyFlags, type StoredObject } from './upload.mts'
import type { Target } from '../environment/target.mts'

interface ReleaseCopy {
  /** Bucket that has the release. */
  from: string
  /** Bucket that gets it. */
  to: string
  manifest: Manifest
  /** Objects of that bucket. */
  stored: StoredObject[]
  /** Of what is live there: the headers that its files have. */
  live: Manifest | undefined
}

/**
 * Brings a staged release of the site into another bucket, headers and all, without taking the files through this machine:
 * assets first, then releases/<id>/, the manifest last. Returns the keys that travel; what is there already does not.
 */
export async function copyRelease(target: Pick<Target, 'environment'>, copy: ReleaseCopy): Promise<string[]> {
  const { from, to, manifest } = copy
  const { assets, others } = travelling(copy)
  if (assets.length > 0) await run`aws s3 cp s3://${from} s3://${to} --no-progress ${onlyFlags(assets)}`
  if (others.length === 0) return assets
  const directory = `releases/${manifest.release}`
  await run`aws s3 cp s3://${from}/${directory} s3://${to}/${directory} --no-progress ${onlyFlags(others)}`
  await writeManifest(target, to, manifest)
  return [...assets, ...others]
}

/** Keys that the bucket lacks, or has with other headers. A release that is complete there was written once, and stays. */
export function travelling({ manifest, stored, live }: Pick<ReleaseCopy, 'manifest' | 'stored' | 'live'>) {
  const assets = manifest.files.filter(({ turn }) => turn === 'asset')
  const complete =
    missingFrom(manifest, stored).length === 0 && stored.some(({ Key }) => Key === manifestKey(manifest.release))
  return {
    assets: changedFiles(assets, stored, {}, live?.files).map(({ key }) => key),
    others: complete ? [] : unhashed(manifest).map(({ key }) => key),
  }
}
