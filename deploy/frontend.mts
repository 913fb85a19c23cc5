#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * The site of an environment: bundle, upload, invalidation; then looked at through the CDN.
 *
 *   ./deploy/frontend.mts <environment> [--dry-run] [--force] [--yes]
 *   npm run deploy:frontend production             make deploy-frontend ENV=production
 *
 *   environment   development, staging, production or local
 *   --dry-run     build, show what would travel, change nothing there
 *   --force       to production also from a tree that is not clean and pushed
 *   --yes         do not ask for production's name
 *
 * Needs the stack (deploy/infrastructure.mts), a backend that answers, and credentials of the environment's account.
 * Leaves the files in the site bucket; only changed ones travel, and nothing is deleted, so that tabs opened before go on
 * finding their assets. The documents are staged below releases/<id>/ and copied over the live ones; when the live site
 * does not hold what was promised, those of before are copied back (exit code 3). Without a change it uploads nothing.
 */
import { flags, parseArguments } from '../lib/environment/arguments.mts'
import { deployment, type Facts } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy } from '../lib/ledger/guards.mts'
import { settingLine } from '../lib/script/invocation.mts'
import { main } from '../lib/script/main.mts'
import { say, title } from '../lib/script/narration.mts'
import { run, show } from '../lib/script/shell.mts'
import { buildDirectory, planUpload, withSiteSettings } from '../lib/site/site.mts'
import { proveSite } from '../lib/site/proof.mts'
import { publish } from '../lib/site/publish.mts'
import { stageRelease, makeLive } from '../lib/site/release.mts'
import { copyFlags } from '../lib/site/upload.mts'
import { stackOutputs } from '../lib/stack/stack.mts'
import type { StackOutputs } from '../lib/stack/outputs.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { printTimeline } from '../lib/script/timeline.mts'

/** Steps 2 and 3: the environment file, with the backend's URLs, beside the code; `tsc` and `vite build` to frontend/dist. */
export async function buildSite(target: Target): Promise<void> {
  await withSiteSettings(target, (env) => run({ env })`npm run build --workspace frontend`)
}

/** The other steps. */
export async function frontend(
  target: Target,
  outputs: StackOutputs,
  { built = false, dryRun = false } = {},
): Promise<Facts> {
  const { environment, names, release } = target
  title(`Frontend: ${names.stack}`)
  const bucket = outputs.SiteBucketName
  // 2. and 3. environment file, build
  if (!built) await buildSite(target)

  const { groups, manifest, stored, live, liveManifest } = await planUpload(target, outputs)
  if (groups.length === 0 && liveManifest) {
    say('unchanged: the bucket has these files; nothing is uploaded or invalidated')
    if (!dryRun) await proveSite(outputs, liveManifest)
    return { status: 'unchanged', release: live }
  }
  // 4. upload with cache headers: assets, then the release's other files, aside; then these over the live ones
  const change = dryRun ? show : run
  for (const group of groups.filter(({ turn }) => turn === 'asset')) {
    await change`aws s3 cp ${buildDirectory} s3://${bucket} --no-progress ${copyFlags(group)}`
  }
  await stageRelease(target, { bucket, build: buildDirectory, manifest, change })
  if (dryRun) {
    await makeLive(bucket, manifest, stored, change)
    return {}
  }
  // 5. to 7. invalidation of all paths, followed to its end; the live site, through the CDN
  await publish(target, outputs, { manifest, stored, before: liveManifest })
  if (liveManifest) say(`undo with: ${settingLine('rollback-frontend', environment, 'RELEASE', live)}`)
  return { release, files: groups.flatMap(({ keys }) => keys) }
}

await main(import.meta, async (argv) => {
  const { force, yes } = flags
  const { environment, ...chosen } = parseArguments(argv, { 'dry-run': flags['dry-run'], force, yes })
  const target = await resolveTarget(environment)
  // 1. bucket and distribution
  const outputs = await stackOutputs(target)
  if (chosen['dry-run']) return void (await frontend(target, outputs, { dryRun: true }))
  await confirmMayDeploy(target, chosen)
  await deployment(target, 'frontend', (recorded) => recorded.frontend(() => frontend(target, outputs)))
  printTimeline()
})
