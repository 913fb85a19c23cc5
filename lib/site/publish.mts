import type { Target } from '../environment/target.mts'
import { invocation, invocationWith } from '../script/command-line.mts'
import { exitCodes, Failure, Unanswered } from '../script/failure.mts'
import { currentJob, isDryRun, isSurvivable, requireMayChange } from '../script/job.mts'
import { say, step } from '../script/narration.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { lookAtDomain } from './domain.mts'
import { followInvalidation, invalidate, type InvalidationStatus } from './invalidation.mts'
import { makeLive, type LiveSite, type Manifest } from './release.mts'
import { readLiveRelease } from './site.mts'
import { differing } from './upload.mts'
import { verifyFiles, verifyPaths, verifySite } from './verification.mts'

interface Publication {
  manifest: Manifest
  /** The files that are live already. */
  intact: LiveSite['intact']
  /** The live release, to return to when verification fails; undefined when it is not complete. */
  before: Manifest | undefined
  /** Assets were put again, with other headers perhaps: a CDN that has cached them needs the invalidation first. */
  replacesAssets?: boolean
  /** The backend is changed next, and may not answer until then: only the files are verified. */
  backendFollows?: boolean
}

/**
 * Makes a staged release the live one: copies its documents over the live ones, invalidates, and verifies the site or restores it.
 * Returns the invalidation, which takes minutes, for `followInvalidationLast`; undefined where it was followed already.
 */
export async function publish(
  target: Target,
  outputs: StackOutputs,
  publication: Publication,
): Promise<InvalidationStatus | undefined> {
  const { release } = publication.manifest
  await step(`Copy the documents of ${release} over the live ones`, () => goLive(outputs, publication))
  const invalidation = await step('Invalidate the CDN', () => invalidate(target, outputs, release))
  const follow = () => followInvalidation(target, outputs, invalidation)
  if (publication.replacesAssets) await step('Follow the invalidation', follow)
  await step('Verify the site through the CDN', () => verifyOrRestore(target, outputs, publication))
  return publication.replacesAssets ? undefined : invalidation
}

/**
 * Follows the invalidation of a publication once everything else is done, and recorded. Ctrl-C fails with a remedy of its own:
 * a second run would change something else.
 */
export async function followInvalidationLast(
  target: Target,
  outputs: StackOutputs,
  invalidation: InvalidationStatus | undefined,
): Promise<void> {
  if (!invalidation) return
  try {
    await step('Follow the invalidation', () => followInvalidation(target, outputs, invalidation))
  } catch (error) {
    const { reason } = currentJob().signal
    if (!(reason instanceof Failure)) throw error
    const remedy = `everything else is done; ${invocation('invalidation', target.environment)} follows the invalidation`
    throw new Failure(reason.message, remedy, reason.exitCode)
  }
}

/** Copies a staged release over the live files. Where that stops half-way, says what visitors get. */
export async function goLive(
  outputs: StackOutputs,
  { manifest, intact }: Pick<Publication, 'manifest' | 'intact'>,
): Promise<void> {
  try {
    await makeLive(outputs.SiteBucketName, manifest, intact)
  } catch (error) {
    if (!isSurvivable(error)) throw error
    const live = await readLiveRelease(outputs).catch(() => undefined)
    const page = live === undefined ? "the page's release could not be read" : `the page is release ${live || '(none)'}`
    throw new Failure(
      `release ${manifest.release} of the site is not completely live, and ${page}: ${error.message}`,
      error.remedy,
    )
  }
}

/**
 * Verifies the live site through the CDN. What is wrong is restored: fails as rolled back (exit 3). A site that nobody
 * could look at stays: fails as not verified (exit 6).
 */
export async function verifyOrRestore(
  target: Target,
  outputs: StackOutputs,
  { manifest, intact, before, backendFollows = false }: Publication,
): Promise<void> {
  const verify = backendFollows ? verifyFiles : verifySite
  try {
    await verify(outputs, manifest, differing(manifest.files, intact))
  } catch (error) {
    if (!isSurvivable(error)) throw error
    if (error instanceof Unanswered) throw siteNotVerifiedFailure(target, manifest, error)
    if (!before || before.release === manifest.release) throw error
    throw await restore(target, outputs, { manifest, before, error })
  }
}

/** Verifies a site that is live already. False when a file is not as it was published: someone else has changed it. */
export async function verifyUnchanged(target: Target, outputs: StackOutputs, manifest: Manifest): Promise<boolean> {
  if (isDryRun()) return true
  const checks = await Promise.allSettled([
    verifyFiles(outputs, manifest, [], manifest.files),
    verifyPaths(outputs, manifest),
  ])
  const [files, paths] = checks.map((check) => (check.status === 'rejected' ? check.reason : undefined))
  if (isSurvivable(files) && !(files instanceof Unanswered)) {
    say(`warning: ${files.message}, and this run did not change it: it is published again`)
    return false
  }
  const error = files ?? paths
  if (error instanceof Unanswered) throw siteNotVerifiedFailure(target, manifest, error)
  if (error !== undefined) throw error
  await lookAtDomain(outputs, manifest.release)
  return true
}

function siteNotVerifiedFailure({ environment }: Target, { release }: Manifest, { message }: Unanswered): Failure {
  return new Failure(
    `not verified: release ${release} of the site is live, but ${message}`,
    `${invocation('health', environment)}; when it answers, re-run the same command, which verifies it`,
    exitCodes['not verified'],
  )
}

interface Wrong {
  manifest: Manifest
  before: Manifest
  /** What was seen. */
  error: Failure
}

/** Restores the previous documents, unless someone else has published since. Returns the Failure to throw. */
async function restore(target: Target, outputs: StackOutputs, { manifest, before, error }: Wrong): Promise<Failure> {
  const cause = `release ${manifest.release} of the site: ${error.message}`
  const rolledBack = (end: string) =>
    new Failure(`rolled back: ${cause}; ${end}`, error.remedy, exitCodes['rolled back'])
  let isRestored = false
  try {
    const live = await readLiveRelease(outputs)
    // a page that names no release is of no one else
    if (live && ![manifest.release, before.release].includes(live)) {
      const fact = `superseded: ${cause}; the site is now release ${live}, and nothing was restored`
      const remedy = `${invocation('releases', target.environment)} shows who published it`
      return new Failure(fact, remedy, exitCodes.superseded)
    }
    say(`error: ${error.message}; restoring the documents of ${before.release}`)
    await requireMayChange()
    // all of them, however far the copy got
    await makeLive(outputs.SiteBucketName, before, new Map())
    isRestored = true
    await followInvalidation(target, outputs, await invalidate(target, outputs, `${before.release}-back`))
    await verifySite(
      outputs,
      before,
      before.files.filter(({ turn }) => turn !== 'asset'),
    )
    return rolledBack(`${before.release} is live again`)
  } catch (second) {
    if (!isSurvivable(second)) throw second
    if (isRestored && second instanceof Unanswered)
      return rolledBack(`${before.release} is restored, but not verified: ${second.message}`)
    return new Failure(
      `${cause}; and ${before.release} could not be restored: ${second.message}`,
      undoSiteCommand(target, before.release),
    )
  }
}

/** The command that makes that release of the site live again. */
export function undoSiteCommand({ environment }: Pick<Target, 'environment'>, release: string): string {
  return invocationWith('rollback-frontend', environment, 'RELEASE', release)
}
