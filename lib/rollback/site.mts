import { Failure } from '../script/failure.mts'
import { noteInRecord, recordStage } from '../ledger/deployment.mts'
import { invocation } from '../script/invocation.mts'
import { releaseRecords } from '../ledger/ledger.mts'
import { previousVerified } from '../ledger/record.mts'
import { publish } from '../site/publish.mts'
import { liveSite, type LiveSite } from '../site/site.mts'
import { missingFrom, readManifest, stagedReleases, type Manifest } from '../site/release.mts'
import type { StoredObject } from '../site/upload.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'

/** What is live, and what would be. */
export interface SiteRollback {
  manifest: Manifest
  stored: StoredObject[]
  live: string
  before: Manifest | undefined
}

/**
 * The release of the site that can be made live: it was staged completely, the bucket has all its files, and it is not
 * the live one. Fails with the first of these that does not hold.
 * @param wanted without it, the release before the live one that the ledger knows as verified
 */
export async function planSiteRollback(
  target: Pick<Target, 'environment' | 'names'>,
  outputs: StackOutputs,
  wanted: string | undefined,
  known?: LiveSite,
): Promise<SiteRollback> {
  const { environment } = target
  const bucket = outputs.SiteBucketName
  const [{ stored, live, liveManifest: before }, previous, named] = await Promise.all([
    known ?? liveSite(outputs),
    wanted === undefined ? releaseRecords(target) : undefined,
    // a second less in front of somebody who waits
    wanted === undefined ? undefined : readManifest(bucket, wanted),
  ])
  const others = stagedReleases(stored).filter((release) => release !== live)
  const choose = others[0] ? `choose one of ${others.slice(0, 5).join(', ')}` : invocation('frontend', environment)
  const release = wanted ?? previousVerified(previous ?? [], 'frontend', live)?.components.frontend?.release
  if (release === undefined) {
    throw new Failure(
      `the ledger of ${environment} knows no verified release of the site before ${live || 'the live one'}`,
      choose,
    )
  }
  if (release === live) throw new Failure(`release ${release} of the site is live already`, choose)
  const manifest = wanted === undefined ? await readManifest(bucket, release) : named
  if (!manifest) throw new Failure(`the bucket has no complete release ${release} of the site`, choose)
  const missing = missingFrom(manifest, stored)
  if (missing.length > 0) {
    throw new Failure(
      `release ${release} of the site cannot be restored: the bucket has no ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
      choose,
    )
  }
  return { manifest, stored, live, before }
}

/** Makes the release live, and proves it. */
export async function rollBackSite(target: Target, outputs: StackOutputs, plan: SiteRollback): Promise<void> {
  await recordStage('frontend', async () => {
    await publish(target, outputs, plan)
    noteInRecord({ release: plan.manifest.release })
  })
}
