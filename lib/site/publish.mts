import type { Target } from '../environment/target.mts'
import { exitCodes, Failure } from '../script/failure.mts'
import { currentJob } from '../script/job.mts'
import { say } from '../script/narration.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { followInvalidation, invalidate } from './invalidation.mts'
import { verifySite } from './verification.mts'
import { makeLive, type Manifest } from './release.mts'
import type { StoredObject } from './upload.mts'

interface Publication {
  manifest: Manifest
  /** Objects of the bucket before the publication. */
  stored: StoredObject[]
  /** The live release, to return to when verification fails; undefined when it is not complete. */
  before: Manifest | undefined
}

/** Makes a staged release the live one: copies its documents over the live ones, invalidates, and verifies the site or restores it. */
export async function publish(target: Target, outputs: StackOutputs, publication: Publication): Promise<void> {
  const { manifest, stored } = publication
  await makeLive(outputs.SiteBucketName, manifest, stored)
  await followInvalidation(target, outputs, await invalidate(target, outputs, manifest.release))
  await verifyOrRestore(target, outputs, publication)
}

/**
 * Verifies the live site through the CDN. When that fails, restores the previous documents, and fails as rolled back (exit 3).
 */
export async function verifyOrRestore(
  target: Target,
  outputs: StackOutputs,
  { manifest, before }: Pick<Publication, 'manifest' | 'before'>,
): Promise<void> {
  try {
    await verifySite(outputs, manifest)
  } catch (error) {
    if (currentJob().signal.aborted || !before || before.release === manifest.release) throw error
    if (!(error instanceof Failure)) throw error
    say(`error: ${error.message}; restoring the documents of ${before.release}`)
    // all of them, however far the copy got
    await makeLive(outputs.SiteBucketName, before, [])
    await followInvalidation(target, outputs, await invalidate(target, outputs, `${before.release}-back`))
    await verifySite(outputs, before)
    throw new Failure(
      `rolled back: release ${manifest.release} of the site: ${error.message}; ${before.release} is live again`,
      error.remedy,
      exitCodes['rolled back'],
    )
  }
}
