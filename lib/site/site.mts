import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place, Target } from '../environment/target.mts'
import { Unanswered } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { isDryRun } from '../script/job.mts'
import { requestText } from '../script/asking.mts'
import { probe } from '../script/shell.mts'
import { supersededFailure } from '../service/still.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import type { SiteBuild } from './build.mts'
import { md5, releaseIn, withRelease, type SiteFile } from './files.mts'
import { readManifest, type LiveSite, type Manifest } from './release.mts'
import { differing, intactFiles, listStoredObjects } from './upload.mts'

interface Upload extends LiveSite {
  /** All files of the build, under the target's release. */
  manifest: Manifest
  /** Those that are not live; none when the site is as it was built, whatever its release. */
  changed: SiteFile[]
}

/** What has to be uploaded so that the bucket has the build under the target's release. */
export async function planUpload(
  { release }: Pick<Target, 'release'>,
  outputs: StackOutputs,
  build: SiteBuild,
): Promise<Upload> {
  const site = await readLiveSite(outputs)
  const under = (id: string) =>
    build.files.map((file) => (file.turn === 'entry' ? underRelease(build, file, id) : file))
  const files = under(release)
  const isUnchanged = differing(under(site.live), site.intact).length === 0
  return { ...site, manifest: { release, files }, changed: isUnchanged ? [] : differing(files, site.intact) }
}

/** A document under a release. */
function underRelease({ directory }: SiteBuild, file: SiteFile, release: string): SiteFile {
  const html = Buffer.from(withRelease(readFileSync(join(root, directory, file.key), 'utf8'), release))
  return { ...file, md5: md5(html), size: html.length }
}

/** The objects of the bucket, and the release that visitors get. */
export async function readLiveSite(outputs: StackOutputs): Promise<LiveSite> {
  const bucket = outputs.SiteBucketName
  const [stored, { live, liveManifest }] = await Promise.all([
    listStoredObjects(bucket),
    readLiveRelease(outputs).then(async (release) => ({
      live: release,
      liveManifest: await readManifest(bucket, release),
    })),
  ])
  return { stored, live, liveManifest, intact: intactFiles(liveManifest?.files ?? [], stored) }
}

/** Fails as superseded (exit 4) where the live release is no longer the one that a plan found. */
export async function requireStillLive(
  place: Pick<Place, 'environment'>,
  outputs: StackOutputs,
  { live }: Pick<LiveSite, 'live'>,
): Promise<void> {
  if (isDryRun()) return
  const now = await readLiveRelease(outputs)
  if (now === live) return
  throw supersededFailure(
    place,
    `the site is now release ${now || '(none)'}, not ${live || '(none)'}; nothing was changed`,
  )
}

/** The release that the CDN serves, or else the page in the bucket names; empty when there is none. */
export async function readLiveRelease(outputs: StackOutputs): Promise<string> {
  try {
    const { status, body } = await requestText(addresses(outputs).cdn + '/')
    // a firewall refuses or throttles us: that says nothing about the page
    if (status === 200 || status === 404) return releaseIn(body)
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
  }
  // a new distribution may not be known everywhere yet
  const page = await probe`aws s3 cp s3://${outputs.SiteBucketName}/index.html -`
  if (page.exitCode === 0) return releaseIn(page.stdout)
  if (/\(404\)|NoSuchKey/.test(page.stderr)) return ''
  throw page.failed()
}
