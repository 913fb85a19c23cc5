import type { Target } from '../environment/target.mts'
import { copyImage } from '../image/copy.mts'
import { ensureRepository, readImage, keepImages, findRepository } from '../image/repository.mts'
import { copySbom } from '../image/image.mts'
import { noteInRecord, recordBeforeChange, recordStage } from '../ledger/deployment.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import { infrastructureCommit, liveAfter } from '../ledger/record.mts'
import { invocation } from '../script/command-line.mts'
import { isDryRun, requireMayChange } from '../script/job.mts'
import { offerUndo, say, step, beginStage } from '../script/narration.mts'
import { probe } from '../script/shell.mts'
import { printChangedSettings } from '../service/changed-settings.mts'
import { followAndVerify, pointLatestAtVerified, runsTasks, undoCommand, verifyRunning } from '../service/deploy.mts'
import { deployService, revisionName, readRunningRelease, type RunningRelease } from '../service/service.mts'
import { registerTaskDefinition, tableInUse, taskDefinition, type TaskDefinition } from '../service/task-definition.mts'
import type { SiteFile } from '../site/files.mts'
import { publish, undoSiteCommand, verifyUnchanged } from '../site/publish.mts'
import { isLive, type LiveSite } from '../site/release.mts'
import { copyRelease, filesToCopy } from '../site/release-copy.mts'
import { readLiveSite } from '../site/site.mts'
import { recordedKeys } from '../site/upload.mts'
import type { StackOutputs } from '../stack/stack.mts'
import type { Promotable } from './source.mts'

/*
 * Image and site of a release keep their ids in the target: /health and the page name the release that the source verified.
 * Settings, roles and sizes of the task are the target's own, and so is its infrastructure.
 */

interface PromotionPlan {
  from: Promotable
  /** What the target's service runs; undefined when it has none yet. */
  running: RunningRelease | undefined
  /** URI of the target's repository. */
  repository: string
  hasRepository: boolean
  hasImage: boolean
  definition: TaskDefinition
  /** What the target's bucket has. */
  site: LiveSite
  /** What differs from the source. */
  changes: { backend: boolean; site: boolean }
  /** Nothing differs, and the ledger has verified the running release. */
  unchanged: boolean
}

/** What has to change so that the target runs what the source runs. */
export async function planPromotion(target: Target, outputs: StackOutputs, from: Promotable): Promise<PromotionPlan> {
  const { names } = target
  const { digest, release } = from.backend
  const [running, site, records, known] = await Promise.all([
    readRunningRelease(target),
    readLiveSite(outputs),
    listReleaseRecords(target),
    findRepository(names.repository),
  ])
  // both are in the same registry
  const repository = `${from.repository.slice(0, from.repository.lastIndexOf('/'))}/${names.repository}`
  const platform =
    from.backend.taskDefinition.runtimePlatform.cpuArchitecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64'
  const table = tableInUse(target, outputs, running)
  const definition = taskDefinition(target, outputs, { image: `${repository}@${digest}`, platform, release, table })
  const changes = {
    backend: !running || !runsTasks(running, definition),
    site: site.live !== from.manifest.release || !site.liveManifest || !isLive(from.manifest, site.intact),
  }
  const { infrastructure, backend, frontend } = liveAfter(records ?? [])
  await warnAboutInfrastructure(target, from, infrastructure && infrastructureCommit(infrastructure.record))
  return {
    from,
    running,
    repository,
    hasRepository: known !== undefined,
    hasImage: known !== undefined && (await readImage(names.repository, `imageDigest=${digest}`)) !== undefined,
    definition,
    site,
    changes,
    unchanged:
      !changes.backend &&
      !changes.site &&
      backend?.taskDefinition === running?.revision &&
      frontend?.release === site.live,
  }
}

/** Prints what a promotion changes. */
export function printPromotion({ environment }: Target, plan: PromotionPlan): void {
  const { from, running, definition, changes } = plan
  const { promotion, backend, manifest } = from
  beginStage(`Promotion: ${promotion.environment} → ${environment}`)
  say(`release    ${promotion.release}, verified in ${promotion.environment}; its infrastructure is not promoted`)
  say(
    running?.digest === backend.digest
      ? `image      ${backend.digest}, release ${running.release || '(none)'}, stays`
      : `image      ${backend.digest}, release ${backend.release || '(none)'}, instead of ${running?.digest || '(none)'}`,
  )
  if (running) printChangedSettings(running.taskDefinition, definition)
  const { assets, others } = filesToCopy({ manifest, site: plan.site })
  say(
    changes.site
      ? `site       release ${manifest.release}, instead of ${plan.site.live || '(none)'}; ${assets.length + others.length} of ${manifest.files.length} files are copied`
      : `site       release ${manifest.release}, stays`,
  )
}

/** Copies the image, makes the target's service run it with the target's settings, waits for the rollout and verifies it. */
export async function promoteBackend(target: Target, outputs: StackOutputs, plan: PromotionPlan): Promise<void> {
  await recordStage('backend', () => promoteImage(target, outputs, plan))
}

async function promoteImage(target: Target, outputs: StackOutputs, plan: PromotionPlan): Promise<void> {
  const { running, from, definition, repository: to } = plan
  const { digest, release } = from.backend
  if (running && !plan.changes.backend) {
    say(`unchanged: ${revisionName(running.revision)} has this image and these settings; it is not restarted`)
    noteInRecord({ digest, taskDefinition: running.revision, release: running.release })
    await step('Verify that the tasks are healthy and answer', () => verifyRunning(target, outputs, running))
    return noteInRecord({ status: 'unchanged' })
  }
  await step('Copy the image', async () => {
    if (!plan.hasRepository) await ensureRepository(target)
    await keepImages(target)
    if (plan.hasImage) return say(`${target.names.repository} already has the image`)
    await copyImage(target, { from: `${from.repository}@${digest}`, to, tag: release, digest })
    await copySbom(from.bucket, outputs.SiteBucketName, release)
  })
  const revision = await step('Force a new ECS deployment', async () => {
    const registered = await registerTaskDefinition(target, definition)
    await recordBeforeChange({ digest, taskDefinition: registered, release })
    await deployService(target, outputs, registered, running?.service)
    return registered
  })
  if (isDryRun()) return
  await followAndVerify(target, outputs, { revision, digest, release }, running)
  await pointLatestAtVerified(target, digest)
  if (running) offerUndo(undoCommand(target, running))
}

/** Copies the release of the site, and makes it the live one. Returns the invalidation, for `followInvalidationLast`. */
export async function promoteSite(target: Target, outputs: StackOutputs, plan: PromotionPlan) {
  return await recordStage('frontend', () => promoteFiles(target, outputs, plan))
}

async function promoteFiles(target: Target, outputs: StackOutputs, { from, site, changes }: PromotionPlan) {
  const { manifest } = from
  const { live, liveManifest: before } = site
  let { intact } = site
  noteInRecord({ release: manifest.release })
  if (!changes.site) {
    say(`unchanged: release ${live} of the site is live`)
    const isAsPublished = () => verifyUnchanged(target, outputs, manifest)
    if (await step('Verify the site through the CDN', isAsPublished)) {
      noteInRecord({ status: 'unchanged' })
      return undefined
    }
    // publish every file again
    intact = new Map()
  }
  const { SiteBucketName: bucket } = outputs
  // a cached file may be replaced, a whole rollout after the last question
  await requireMayChange()
  const copied = await step('Copy the files of the site', () =>
    copyRelease(target.environment, { from: from.bucket, to: bucket, manifest, site: { ...site, intact } }),
  )
  await recordBeforeChange({ files: recordedKeys(copied) })
  const isReplaced = ({ key, turn }: SiteFile) => turn === 'asset' && site.stored.some(({ Key }) => Key === key)
  const replacesAssets = copied.some(isReplaced)
  const invalidation = await publish(target, outputs, { manifest, intact, before, replacesAssets })
  if (before && live !== manifest.release && !isDryRun()) offerUndo(undoSiteCommand(target, live))
  return invalidation
}

/** The promoted release may need a table or a permission that only a newer stack has. */
async function warnAboutInfrastructure(
  { environment }: Target,
  from: Promotable,
  here: string | undefined,
): Promise<void> {
  const { infrastructure: there, promotion } = from
  if (!here || !there || here === there) return
  const files = ['infrastructure/bin', 'infrastructure/lib', 'infrastructure/cdk.json']
  // uncommitted changes cannot be compared
  const [one = '', other = ''] = [here, there].map((commit) => commit.split('-')[0])
  const { exitCode } = await probe`git diff --quiet ${one} ${other} -- ${files}`
  if (exitCode === 0) return
  const commits = `the stack of ${environment} is of commit ${here.slice(0, 7)}, that of ${promotion.environment} of ${there.slice(0, 7)}`
  const deploy = `infrastructure is not promoted, deploy it with: ${invocation('infrastructure', environment)}`
  say(
    exitCode === 1
      ? `warning: ${commits}, and they differ; ${deploy}`
      : `warning: ${commits}, and this clone does not have both: whether they differ is not known (git fetch --unshallow, git fetch --all); ${deploy}`,
  )
}
