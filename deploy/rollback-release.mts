#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Rolls the backend and the site of an environment back to what was live after a release, the site first.
 *
 *   ./deploy/rollback-release.mts <environment> [<release>] [--dry-run] [--force | --wait-idle] [--yes] [--verbose]
 *   npm run rollback-release staging               make rollback-release ENV=staging
 *                                                  make rollback-release RELEASE=20261123T101500Z-1a2b3c4 ENV=production
 *
 *   environment   development, staging, production or local
 *   release       an id from deploy/releases.mts; without it, the previous verified one
 *   --dry-run     check everything, show every command, change nothing
 *   --force       roll back even while a quiz is live
 *   --wait-idle   wait until no quiz is live, half an hour at most
 *   --yes         do not ask for production's name
 *   --verbose     print every line of every command as it comes
 *
 * Checks both before it changes either, and skips what is already live. Pages go first, since a newer backend serves older
 * pages too, and a backend that is down does not hold them up. Each is verified like any deployment. Exit codes are those
 * of a deployment.
 */
import { parseArguments } from '../lib/environment/arguments.mts'
import { resolveTarget, type Target } from '../lib/environment/target.mts'
import { lockAndRecord } from '../lib/ledger/deployment.mts'
import { confirmProduction, requireNoLiveQuiz } from '../lib/ledger/guards.mts'
import { printRollback, rollBackBackend } from '../lib/rollback/backend.mts'
import { planReleaseRollback, type ReleaseRollback } from '../lib/rollback/release.mts'
import { rollBackSite, verifyWithBackend } from '../lib/rollback/site.mts'
import { isDryRun } from '../lib/script/job.mts'
import { main } from '../lib/script/main.mts'
import { offerUndo, say, beginStage } from '../lib/script/narration.mts'
import { requireStill } from '../lib/service/still.mts'
import { followInvalidationLast, undoSiteCommand } from '../lib/site/publish.mts'
import { parseReleaseId } from '../lib/site/release.mts'
import { requireStillLive } from '../lib/site/site.mts'
import { requireStackOutputs, type StackOutputs } from '../lib/stack/stack.mts'

await main(import.meta, async (argv) => {
  const {
    environment,
    release: text,
    ...options
  } = parseArguments(argv, ['dry-run', 'force', 'wait-idle', 'yes', 'verbose'], ['release'])
  const wanted = text === undefined ? undefined : parseReleaseId(text)
  const target = await resolveTarget(environment)
  const outputs = await requireStackOutputs(target)
  const plan = await planReleaseRollback(target, outputs, wanted)
  const { release, site, backend } = plan
  beginStage(`Rollback to what was live after ${release}`)
  if (site && site.live !== site.manifest.release) {
    say(`site       ${site.live || '(none)'} → ${site.manifest.release}`)
  }
  if (backend) printRollback(backend)
  await confirmProduction(environment, options.yes)
  if (backend && !backend.unchanged) await requireNoLiveQuiz(target, outputs, options)

  const { rollbackOf } = plan
  const invalidation = await lockAndRecord(target, { verb: 'rollback-release', rollbackOf }, () =>
    rollBack(target, outputs, plan),
  )
  if (isDryRun()) return
  say(`${environment} runs what was live after ${release} again`)
  try {
    await followInvalidationLast(target, outputs, invalidation)
  } finally {
    plan.undo.forEach(offerUndo)
  }
})

/** Returns the invalidation, if there is one. */
async function rollBack(target: Target, outputs: StackOutputs, plan: ReleaseRollback) {
  const { site, backend } = plan
  const [running] = await Promise.all([requireStill(target, plan.running), requireStillLive(target, outputs, plan)])
  const backendFollows = backend !== undefined && !backend.unchanged
  const invalidation = site && (await rollBackSite(target, outputs, site, { backendFollows }))
  if (site && !isDryRun()) say(`release ${site.manifest.release} of the site is live`)
  try {
    if (backend) await rollBackBackend(target, outputs, { ...backend, running })
  } catch (error) {
    if (site?.before && site.live !== site.manifest.release)
      say(`the site stays at the older release; undo with: ${undoSiteCommand(target, site.live)}`)
    throw error
  }
  try {
    if (site && backendFollows) await verifyWithBackend(target, outputs, site)
  } catch (error) {
    plan.undo.forEach(offerUndo)
    throw error
  }
  return invalidation
}
