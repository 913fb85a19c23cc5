import { Failure } from '../script/failure.mts'
import { invalidate } from './invalidation.mts'
import { currentJob } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { proveSite } from './proof.mts'
import { makeLive, type Manifest } from './release.mts'
import type { StoredObject } from './upload.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'
import { exitCodes } from '../service/verdict.mts'

interface Publication {
  manifest: Manifest
  /** Objects of the bucket as they were before. */
  stored: StoredObject[]
  /** What is live until now, to go back to; undefined when no release of before is complete. */
  before: Manifest | undefined
}

/**
 * Makes a staged release the live one: swaps its documents in, invalidates, and looks at the live site through the CDN.
 * When that does not hold, the documents of before are swapped back in, and it fails as rolled back (exit 3).
 */
export async function publish(
  target: Target,
  outputs: StackOutputs,
  { manifest, stored, before }: Publication,
): Promise<void> {
  const { SiteBucketName: bucket, DistributionId: distribution } = outputs
  await makeLive(bucket, manifest, stored)
  await invalidate(distribution, `${target.release}-${manifest.release}`, target.local)
  try {
    await proveSite(outputs, manifest)
  } catch (error) {
    if (currentJob().signal.aborted || !before || before.release === manifest.release) throw error
    if (!(error instanceof Failure)) throw error
    say(`error: ${error.message}; the documents of ${before.release} are swapped back in`)
    // all of them, whatever the swap got to
    await makeLive(bucket, before, [])
    await invalidate(distribution, `${target.release}-${before.release}-back`, target.local)
    await proveSite(outputs, before)
    throw new Failure(
      `rolled back: release ${manifest.release} of the site: ${error.message}; ${before.release} is live again`,
      error.remedy,
      exitCodes['rolled back'],
    )
  }
}
