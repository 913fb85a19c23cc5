#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deploys the site of an environment: build, upload, invalidation; then verifies it through the CDN.
 *
 *   ./deploy/frontend.mts <environment> [--dry-run] [--force] [--yes] [--verbose]
 *   npm run deploy:frontend production             make deploy-frontend ENV=production
 *
 *   environment   development, staging, production or local
 *   --dry-run     build, show every command that would follow, change nothing there
 *   --force       deploy to production even from uncommitted or unpushed code
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Needs the stack (deploy/infrastructure.mts), a backend that answers, and credentials of the environment's account.
 * Uploads only changed files and deletes none, so that open tabs still find their assets. Stages the documents under
 * releases/<id>/, then copies them over the live ones; restores the previous documents if verification fails (exit code
 * 3), unless someone else has published since (exit code 4), and leaves them where nobody answers (exit code 6).
 * Without a change it uploads nothing.
 */
import { join } from 'node:path'
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { lockAndRecord, noteInRecord, recordBeforeChange, recordStage } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { makeRunDirectory } from '../lib/script/files.mts'
import { isDryRun, requireMayChange } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo, printTimeline, say, step, beginStage } from '../lib/script/narration.mts'
import { run } from '../lib/script/shell.mts'
import { copySiteSettings, readBuild, type SiteBuild } from '../lib/site/build.mts'
import { followInvalidation, invalidate } from '../lib/site/invalidation.mts'
import { goLive, undoSiteCommand, verifyOrRestore, verifyUnchanged } from '../lib/site/publish.mts'
import { stageRelease } from '../lib/site/release.mts'
import { planUpload } from '../lib/site/site.mts'
import { differing, recordedKeys } from '../lib/site/upload.mts'
import { requireStackOutputs, type StackOutputs } from '../lib/stack/stack.mts'

const step7 = '7. Verify the site through the CDN'

await main(import.meta, async (argv) => {
  const { environment, ...options } = parseArguments(argv, ['dry-run', 'force', 'yes', 'verbose'])
  const target = await resolveTarget(environment)
  const outputs = await step('1. Get the S3 bucket and the CloudFront distribution from the stack', () =>
    requireStackOutputs(target),
  )
  await confirmMayDeploy(target, options)
  await lockAndRecord(target, { verb: 'frontend' }, () => deployFrontend(target, outputs))
  printTimeline()
})

/** @param built the site, where it is built already */
export async function deployFrontend(target: Target, outputs: StackOutputs, built?: SiteBuild): Promise<void> {
  await recordStage('frontend', () => takeSteps(target, outputs, built))
}

async function takeSteps(target: Target, outputs: StackOutputs, built: SiteBuild | undefined): Promise<void> {
  beginStage(`Frontend: ${target.names.stack}`)
  const build = built ?? (await buildSite(target)) // 2. and 3.

  const plan = await planUpload(target, outputs, build)
  const { manifest, changed, live, liveManifest: before } = plan
  let { intact } = plan
  if (changed.length === 0 && before) {
    say('unchanged: the bucket has these files; nothing is uploaded or invalidated')
    noteInRecord({ release: live })
    if (await step(step7, () => verifyUnchanged(target, outputs, before))) return noteInRecord({ status: 'unchanged' })
    // publish every file again
    intact = new Map()
  }
  const publication = { manifest, intact, before }
  await recordBeforeChange({ release: manifest.release, files: recordedKeys(differing(manifest.files, intact)) })
  await step('4. Upload all files to S3 with their cache headers', async () => {
    const { SiteBucketName: bucket } = outputs
    const site = { ...plan, intact }
    await stageRelease(target.environment, { bucket, build: build.directory, manifest, site })
    await requireMayChange()
    // visitors may get the new site from here on
    await goLive(outputs, publication)
  })
  const invalidation = await step('5. Create the CloudFront invalidation for all paths', () =>
    invalidate(target, outputs, manifest.release),
  )
  await step('6. Monitor the invalidation', () => followInvalidation(target, outputs, invalidation))
  await step(step7, () => verifyOrRestore(target, outputs, publication))
  if (before && !isDryRun()) offerUndo(undoSiteCommand(target, live))
}

/** Steps 2 and 3, in directories of this run. Fails when what was built cannot be published. */
export async function buildSite(target: Target): Promise<SiteBuild> {
  const directory = join('..', makeRunDirectory(target.environment, 'site'))
  const settings = await step(`2. Copy .env.${target.environment} and update the backend's URL`, async () =>
    copySiteSettings(target),
  )
  const build = run({ env: settings.env, alsoInDryRun: true })
  await step(
    '3. Build the React app with Vite',
    () =>
      build`SETTINGS_DIR=${join('..', settings.directory)} npm run build --workspace frontend -- --outDir ${directory} --emptyOutDir`,
  )
  return await readBuild(target, makeRunDirectory(target.environment, 'site'))
}
