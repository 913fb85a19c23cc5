#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Makes an earlier release of the site live again: copies its documents back inside the bucket. Builds nothing.
 *
 *   ./deploy/rollback-frontend.mts <environment> [<release>] [--dry-run] [--yes] [--verbose]
 *   npm run rollback-frontend production           make rollback-frontend ENV=production
 *                                                  make rollback-frontend RELEASE=20261123T101500Z-1a2b3c4 ENV=staging
 *
 *   environment   development, staging, production or local
 *   release       its id; without it, the last verified release before the live one
 *   --dry-run     check everything, show every command, change nothing
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Takes seconds, since the bucket still has every asset, which is checked first. Verifies the site through the CDN like
 * any deployment, and restores the previous documents if verification fails (exit code 3), unless someone else has
 * published since (exit code 4). Follows the invalidation last:
 * nothing depends on it, and Ctrl-C leaves it to CloudFront.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmProduction } from '../lib/ledger/guards.mts'
import { planSiteRollback, rollBackSite } from '../lib/rollback/site.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo, say, beginStage } from '../lib/script/narration.mts'
import { followInvalidationLast, undoSiteCommand } from '../lib/site/publish.mts'
import { parseReleaseId } from '../lib/site/release.mts'
import { requireStillLive } from '../lib/site/site.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const { environment, release: text, yes } = parseArguments(argv, ['dry-run', 'yes', 'verbose'], ['release'])
  const wanted = text === undefined ? undefined : parseReleaseId(text)
  const target = await resolveTarget(environment)
  const outputs = await requireStackOutputs(target)
  const plan = await planSiteRollback(target, outputs, wanted)
  const { release } = plan.manifest
  beginStage(`Rollback of the site: ${plan.live || '(none)'} → ${release}`)
  await confirmProduction(environment, yes)

  const rollbackOf = plan.live || undefined
  const invalidation = await lockAndRecord(target, { verb: 'rollback-frontend', rollbackOf }, async () => {
    await requireStillLive(target, outputs, plan)
    return await rollBackSite(target, outputs, plan)
  })
  if (isDryRun()) return
  say(`release ${release} of the site is live`)
  try {
    await followInvalidationLast(target, outputs, invalidation)
  } finally {
    if (plan.before && plan.live !== release) offerUndo(undoSiteCommand(target, plan.live))
  }
})
