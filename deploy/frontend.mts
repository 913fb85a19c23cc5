#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/start" "$0" "$@"'
/*
 * The site of an environment: bundle, upload, invalidation; then looked at through the CDN.
 *
 *   ./deploy/frontend.mts <environment> [--yes]
 *   npm run deploy:frontend production             make deploy-frontend ENV=production
 *
 *   environment   development, staging, production or local
 *   --yes         do not ask for production's name
 *
 * Needs the stack (deploy/infrastructure.mts), a backend that answers, and credentials of the environment's account.
 * Leaves the files in the site bucket; only changed ones travel, and nothing is deleted, so that tabs opened before go on
 * finding their assets. Without a change it uploads nothing and says so.
 */
import { flags, given } from '../lib/arguments.mts'
import { invalidated } from '../lib/invalidation.mts'
import { main } from '../lib/main.mts'
import { say, title } from '../lib/narration.mts'
import { run } from '../lib/shell.mts'
import { buildDirectory, plannedUpload, withSiteSettings } from '../lib/site.mts'
import { proveSite } from '../lib/site-proof.mts'
import { copyFlags } from '../lib/site-upload.mts'
import { stackOutputs } from '../lib/stack.mts'
import type { StackOutputs } from '../lib/stack-outputs.mts'
import { targetOf, type Target } from '../lib/target.mts'
import { confirmed } from '../lib/terminal.mts'
import { tellTimeline, timed } from '../lib/timeline.mts'

/** Steps 2 and 3: the environment file, with the backend's URLs, beside the code; `tsc` and `vite build` to frontend/dist. */
export async function buildSite(target: Target): Promise<void> {
  await withSiteSettings(target, (env) => run({ env })`npm run build --workspace frontend`)
}

/** The other steps. `outputs` and a built site are given where they are there already. */
export async function frontend(target: Target, known: { outputs?: StackOutputs; built?: boolean } = {}): Promise<void> {
  const { names, release, local } = target
  title(`Frontend: ${names.stack}`)
  // 1. bucket and distribution
  const outputs = known.outputs ?? (await stackOutputs(target))
  const bucket = outputs.SiteBucketName
  // 2. and 3. environment file, build
  if (!known.built) await buildSite(target)

  const { groups, entryDirectory, live } = await plannedUpload(target, outputs)
  if (groups.length === 0) {
    say('unchanged: the bucket has these files; nothing is uploaded or invalidated')
  } else {
    // 4. upload with cache headers: assets, other files, entry documents
    for (const group of groups) {
      const from = group.turn === 'entry' ? entryDirectory : buildDirectory
      await run`aws s3 cp ${from} s3://${bucket} --no-progress ${copyFlags(group)}`
    }
    // 5. and 6. invalidation of all paths, followed to its end
    await invalidated(outputs.DistributionId, release, local)
  }
  // 7. the live site, through the CDN
  await proveSite(outputs, groups.length === 0 ? live : release)
}

await main(import.meta, async (argv) => {
  const { environment, yes } = given(argv, { yes: flags.yes })
  const target = await targetOf(environment)
  await confirmed(environment, yes)
  await timed('Frontend', () => frontend(target))
  tellTimeline()
})
