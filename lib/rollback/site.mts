import type { Place, Target } from '../environment/target.mts'
import { recordBeforeChange, recordStage } from '../ledger/deployment.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import { isVerified, liveAfter, previousVerified, type ReleaseRecord } from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { step } from '../script/narration.mts'
import type { InvalidationStatus } from '../site/invalidation.mts'
import { publish, verifyOrRestore } from '../site/publish.mts'
import { isLive, missingFrom, readManifest, stagedReleases, type LiveSite, type Manifest } from '../site/release.mts'
import { readLiveSite } from '../site/site.mts'
import type { StackOutputs } from '../stack/stack.mts'

/** The live site, and the one to return to. */
export interface SiteRollback extends Pick<LiveSite, 'stored' | 'live' | 'intact'> {
  manifest: Manifest
  before: Manifest | undefined
}

/**
 * The release of the site that can be made live: it was staged completely, the bucket has all its files, and it is not
 * the live one. Fails with the first check that does not pass.
 * @param requested id of a release; without it, the last verified one before the live one, by the ledger
 */
export async function planSiteRollback(
  target: Place,
  outputs: StackOutputs,
  requested: string | undefined,
  known?: LiveSite,
): Promise<SiteRollback> {
  const { environment } = target
  const bucket = outputs.SiteBucketName
  const [{ stored, live, intact, liveManifest: before }, records, manifestOfRequested] = await Promise.all([
    known ?? readLiveSite(outputs),
    requested === undefined ? listReleaseRecords(target) : undefined,
    // at the same time: it takes a second
    requested === undefined ? undefined : readManifest(bucket, requested),
  ])
  const release = requested ?? siteBefore(records ?? [], live)
  const others = stagedReleases(stored).filter((one) => one !== live && one !== release)
  const choose = others[0] ? `choose one of ${others.slice(0, 5).join(', ')}` : invocation('frontend', environment)
  if (release === undefined) {
    throw new Failure(
      `the ledger of ${environment} has no verified release of the site before ${live || 'the live one'}`,
      choose,
    )
  }
  const manifest = manifestOfRequested ?? (requested === undefined ? await readManifest(bucket, release) : undefined)
  if (!manifest) throw new Failure(`the bucket has no complete release ${release} of the site`, choose)
  // what a run brought and did not verify is verified now
  if (release === live && isLive(manifest, intact) && (await isVerifiedThere(target, live, records))) {
    throw new Failure(`release ${release} of the site is already live`, choose)
  }
  const missing = missingFrom(manifest, stored)
  if (missing.length > 0) {
    throw new Failure(
      `release ${release} of the site cannot be restored: the bucket has no ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
      choose,
    )
  }
  return { manifest, stored, live, intact, before }
}

/** The last verified release before the live one; the live one itself while the run that returned to it has not verified it. */
function siteBefore(records: ReleaseRecord[], live: string): string | undefined {
  const [last] = records
  const returned = last?.components.frontend
  if (last?.rollbackOf !== undefined && returned?.release === live && !isVerified(returned)) return live
  return previousVerified(records, 'frontend', live)?.components.frontend?.release
}

async function isVerifiedThere(target: Place, live: string, known: ReleaseRecord[] | undefined): Promise<boolean> {
  const records = known ?? (await listReleaseRecords(target)) ?? []
  return liveAfter(records).frontend?.release === live
}

/**
 * Makes the release live, and verifies it. Returns the invalidation, for `followInvalidationLast`.
 * @param backendFollows only its files, then: the backend may be what is down
 */
export async function rollBackSite(
  target: Target,
  outputs: StackOutputs,
  plan: SiteRollback,
  { backendFollows } = { backendFollows: false },
): Promise<InvalidationStatus | undefined> {
  return await recordStage('frontend', async () => {
    await recordBeforeChange({ release: plan.manifest.release })
    const { intact, manifest } = plan
    // assets stay as they are: a later release may have put one again, with other headers than this manifest has
    const assets = manifest.files.filter(({ turn }) => turn === 'asset')
    const kept = new Map([...intact, ...assets.map((file) => [file.key, file] as const)])
    return await publish(target, outputs, { ...plan, intact: kept, backendFollows })
  })
}

/** Verifies a site whose backend was changed after it. Whatever is wrong, both stay. */
export async function verifyWithBackend(
  target: Target,
  outputs: StackOutputs,
  { manifest }: Pick<SiteRollback, 'manifest'>,
): Promise<void> {
  const intact = new Map(manifest.files.map((file) => [file.key, file]))
  await step('Verify the site through the CDN', () =>
    verifyOrRestore(target, outputs, { manifest, intact, before: undefined }),
  )
}
