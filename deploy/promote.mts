#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Deploys what one environment runs to another: the same image and the same files of the site. Builds nothing.
 *
 *   ./deploy/promote.mts <from> <to> [<release>] [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run promote staging production             make promote FROM=staging TO=production
 *   npm run promote staging production -- --dry-run
 *                                                  make promote FROM=staging TO=production ARGS=--dry-run
 *
 *   from, to      two of development, staging, production (and local, inside make local-shell), in one account and region
 *   release       the id of the release that you mean; promotes nothing if <from> runs another one by now
 *   --dry-run     check everything, show every command, change nothing
 *   --force       promote even while a quiz is live, and to production even from uncommitted or unpushed code, and an image
 *                 with critical findings
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Promotes only what the ledger of <from> knows as verified and <from> still runs, and refuses while <from> is being
 * deployed. skopeo (apt-get install skopeo) copies the image and keeps its digest; S3 copies the site from bucket to
 * bucket. Settings, roles and sizes of the task are those of <to>, whose stack must exist: infrastructure is not promoted.
 * Verifies the backend before it publishes the site. /health and the page of <to> then name the same releases as those of
 * <from>, and the ledger says where they come from. Exit codes are those of a deployment.
 */
import { requireTools, checkSkopeo } from '../lib/check/tools.mts'
import { parseArguments } from '../lib/environment/arguments.mts'
import { releaseId } from '../lib/environment/checkout.mts'
import { resolveTarget } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmMayDeploy, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { reportUnchanged } from '../lib/ledger/run-page.mts'
import { planPromotion, printPromotion, promoteBackend, promoteSite } from '../lib/promotion/promotion.mts'
import { requireNoCriticals } from '../lib/promotion/scan.mts'
import { parsePromotionTarget, requirePromotable, requireSource } from '../lib/promotion/source.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { say, printTimeline } from '../lib/script/narration.mts'
import { requireStill } from '../lib/service/still.mts'
import { followInvalidationLast } from '../lib/site/publish.mts'
import { parseReleaseId } from '../lib/site/release.mts'
import { requireStillLive } from '../lib/site/site.mts'
import { requireStackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const {
    environment: from,
    to: text,
    release,
    ...options
  } = parseArguments(argv, ['dry-run', 'force', 'wait-idle', 'yes', 'verbose'], ['to', 'release'])
  const to = parsePromotionTarget(from, text)
  const meant = release && parseReleaseId(release)
  const here = await resolveTarget(to)
  const source = requireSource(from, here)
  requireTools([await checkSkopeo()])

  const sourceOutputs = await requireStackOutputs(source)
  const found = await requirePromotable(source, sourceOutputs, here, meant)
  const { promotion } = found
  const outputs = await requireStackOutputs(here)
  // the release is of the commit that is promoted, whatever is checked out
  const target = { ...here, release: releaseId(new Date(), promotion.sha.slice(0, 7), promotion.dirty) }
  const plan = await planPromotion(target, outputs, found)
  printPromotion(target, plan)
  if (plan.unchanged) {
    say(`unchanged: ${to} runs what ${from} runs; nothing is promoted`)
    return await reportUnchanged(here, { environment: to, release: promotion.release })
  }
  await requireNoCriticals(target, found, options)
  await confirmMayDeploy(target, options, promotion)
  if (plan.changes.backend) await requireNoLiveQuiz(target, outputs, options)

  const invalidation = await lockAndRecord(target, { verb: 'promote', promotion }, async () => {
    const [running] = await Promise.all([
      requireStill(target, plan.running),
      requireStillLive(target, outputs, plan.site),
      // someone was asked, or a quiz was waited for
      isDryRun() || requirePromotable(source, sourceOutputs, here, promotion.release),
    ])
    await promoteBackend(target, outputs, { ...plan, running })
    return await promoteSite(target, outputs, plan)
  })
  if (isDryRun()) return
  say(`\n${to} runs release ${promotion.release} of ${from}`)
  printTimeline()
  await followInvalidationLast(target, outputs, invalidation)
})
