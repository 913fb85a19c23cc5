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
 * 3). Without a change it uploads nothing.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { noteInRecord, lockAndRecord, recordStage } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { settingLine } from '../lib/script/command-line.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say, step, title } from '../lib/script/narration.mts'
import { run } from '../lib/script/shell.mts'
import { printTimeline } from '../lib/script/timeline.mts'
import { followInvalidation, invalidate } from '../lib/site/invalidation.mts'
import { verifySite } from '../lib/site/verification.mts'
import { verifyOrRestore } from '../lib/site/publish.mts'
import { makeLive, stageRelease } from '../lib/site/release.mts'
import { buildDirectory, planUpload, withSiteSettings } from '../lib/site/site.mts'
import { uploadAssets } from '../lib/site/upload.mts'
import { stackOutputs, type StackOutputs } from '../lib/stack/stack.mts'

const step7 = '7. Verify the site through the CDN'

await main(import.meta, async (argv) => {
  const { environment, ...options } = parseArguments(argv, ['dry-run', 'force', 'yes', 'verbose'])
  const target = await resolveTarget(environment)
  const outputs = await step('1. Get the S3 bucket and the CloudFront distribution from the stack', () =>
    stackOutputs(target),
  )
  await confirmMayDeploy(target, options)
  await lockAndRecord(target, 'frontend', () => deployFrontend(target, outputs))
  printTimeline()
})

export async function deployFrontend(target: Target, outputs: StackOutputs, { built = false } = {}): Promise<void> {
  await recordStage('frontend', () => takeSteps(target, outputs, built))
}

async function takeSteps(target: Target, outputs: StackOutputs, built: boolean): Promise<void> {
  title(`Frontend: ${target.names.stack}`)
  if (!built) await buildSite(target) // 2. and 3.

  const { groups, manifest, stored, live, liveManifest } = await planUpload(target, outputs)
  if (groups.length === 0 && liveManifest) {
    say('unchanged: the bucket has these files; nothing is uploaded or invalidated')
    await step(step7, () => verifySite(outputs, liveManifest))
    return noteInRecord({ status: 'unchanged', release: live })
  }
  await step('4. Upload all files to S3 with their cache headers', async () => {
    const bucket = outputs.SiteBucketName
    await uploadAssets(buildDirectory, bucket, groups)
    await stageRelease(target, { bucket, build: buildDirectory, manifest })
    // visitors may get the new site from here on
    await makeLive(bucket, manifest, stored)
  })
  const invalidation = await step('5. Create the CloudFront invalidation for all paths', () =>
    invalidate(target, outputs, manifest.release),
  )
  await step('6. Monitor the invalidation', () => followInvalidation(target, outputs, invalidation))
  await step(step7, () => verifyOrRestore(target, outputs, { manifest, before: liveManifest }))
  if (liveManifest && !isDryRun())
    say(`undo with: ${settingLine('rollback-frontend', target.environment, 'RELEASE', live)}`)
  noteInRecord({ release: manifest.release, files: groups.flatMap(({ keys }) => keys) })
}

/** Steps 2 and 3. */
export async function buildSite(target: Target): Promise<void> {
  const step2 = `2. Copy .env.${target.environment} and update the backend's URL`
  await withSiteSettings(target, step2, (env) =>
    step('3. Build the React app with Vite', () => run({ env, inDryRun: true })`npm run build --workspace frontend`),
  )
}
