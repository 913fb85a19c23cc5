import type { Target } from '../environment/target.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import { isUnfinished, isVerified, liveAfter, effectiveHistory, type ReleaseRecord } from '../ledger/record.mts'
import { invocation, invocationWith } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { say } from '../script/narration.mts'
import { revisionName, revisionNumber, type RunningRelease } from '../service/service.mts'
import { undoCommand } from '../service/deploy.mts'
import { undoSiteCommand } from '../site/publish.mts'
import { readLiveSite } from '../site/site.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { backendRollback, requireRunningBackend, type BackendRollback } from './backend.mts'
import { requireUsableRevision } from './revision.mts'
import { planSiteRollback, type SiteRollback } from './site.mts'

/** A backend and a site that were live together. */
interface Pair {
  /** ARN. */
  taskDefinition: string | undefined
  /** Id of the release that the page names. */
  site: string | undefined
}

export interface ReleaseRollback {
  /** Id of the release to return to. */
  release: string
  /** What runs and what is live. */
  running: RunningRelease
  live: string
  /** What has to change; undefined for a part that is already as it was then. */
  backend: BackendRollback | undefined
  site: SiteRollback | undefined
  /** Id of the latest release; undefined when the ledger is empty. */
  rollbackOf: string | undefined
  /** Commands that undo the rollback. */
  undo: string[]
}

/**
 * How backend and site return to what was live after a release; a part that already is stays as it is, and a line says so.
 * Everything that could stop the rollback half-way is checked here. Fails with the first check that does not pass.
 * @param requested id of a release; without it, the last one before the current one after which both were verified
 */
export async function planReleaseRollback(
  target: Target,
  outputs: StackOutputs,
  requested: string | undefined,
): Promise<ReleaseRollback> {
  const { environment } = target
  const [answer, running, site] = await Promise.all([
    listReleaseRecords(target),
    requireRunningBackend(target),
    readLiveSite(outputs),
  ])
  const records = answer ?? []
  const live: Pair = { taskDefinition: running.revision, site: site.live }
  const choose = `${invocation('releases', environment)} lists them; ${invocationWith('rollback-release', environment, 'RELEASE', '<release>')} names one`
  const release = requested ?? unfinishedReturn(records, live) ?? releaseBefore(records, live)
  if (release === undefined) {
    throw new Failure(`the ledger of ${environment} has no verified release before the current one`, choose)
  }
  const place = records.findIndex(({ id }) => id === release)
  if (place < 0) throw new Failure(`the ledger of ${environment} has no release ${release}`, choose)
  const { taskDefinition, site: page } = pairAfter(records.slice(place))
  if (!taskDefinition && !page) throw new Failure(`the ledger does not say what was live after ${release}`, choose)

  if (!taskDefinition) say(`no backend was live after ${release}: it stays as it is`)
  if (!page) say(`no site was live after ${release}: it stays as it is`)
  if (taskDefinition === live.taskDefinition) say(`the backend already runs ${revisionName(running.revision)}`)
  if (page === live.site) say(`the site already serves release ${page}`)
  const [changesBackend, changesSite] = [isOther(taskDefinition, live.taskDefinition), isOther(page, live.site)]
  const before = pairAfter(records)
  // what a run brought and did not verify is verified now
  const verifiesBackend = taskDefinition === live.taskDefinition && taskDefinition !== before.taskDefinition
  const verifiesSite = page === live.site && page !== before.site && site.liveManifest !== undefined
  if (!changesBackend && !changesSite && !verifiesBackend && !verifiesSite) {
    throw new Failure(`${environment} is already as it was after ${release}`, choose)
  }

  const known = before.taskDefinition === live.taskDefinition && before.site === live.site ? records[0] : undefined
  const [sitePlan, revision] = await Promise.all([
    changesSite ? planSiteRollback(target, outputs, page, site) : undefined,
    changesBackend || verifiesBackend
      ? requireUsableRevision(target, Number(revisionNumber(taskDefinition!)))
      : undefined,
  ])
  return {
    release,
    running,
    live: site.live,
    site: verifiesSite ? { ...site, manifest: site.liveManifest!, before: site.liveManifest } : sitePlan,
    backend: revision && backendRollback(running, revision, records),
    rollbackOf: records[0]?.id,
    undo: known
      ? [invocationWith('rollback-release', environment, 'RELEASE', known.id)]
      : [
          ...(changesSite && site.liveManifest ? [undoSiteCommand(target, site.live)] : []),
          ...(changesBackend ? [undoCommand(target, running)] : []),
        ],
  }
}

function isOther(then: string | undefined, now: string | undefined): then is string {
  return then !== undefined && then !== now
}

function pairAfter(records: ReleaseRecord[]): Pair {
  const { backend, frontend } = liveAfter(records)
  return { taskDefinition: backend?.taskDefinition, site: frontend?.release }
}

/**
 * Id of the last release before the live one of which both parts were verified, from records that are newest first. Releases
 * form a stack, and a rollback of both parts pops everything above its target. When only one part was rolled back, the
 * other follows it: the answer is the release of the older part.
 */
export function releaseBefore(records: ReleaseRecord[], live: Pair): string | undefined {
  const layers = records
    .map((record, place) => ({ record, pair: pairAfter(records.slice(place)) }))
    .toReversed()
    .filter(({ record }) => eitherVerified(record))
    .map(({ record, pair }) => ({ record, ...pair, identity: `${pair.taskDefinition} ${pair.site}` }))
  const stack = effectiveHistory(layers, ({ record }) => isWhole(record))
  const whole = stack.findLastIndex(({ identity }) => identity === `${live.taskDefinition} ${live.site}`)
  if (whole >= 0) return stack[whole - 1]?.record.id
  const parts = [
    stack.findLastIndex(({ taskDefinition }) => taskDefinition === live.taskDefinition),
    stack.findLastIndex(({ site }) => site === live.site),
  ].filter((place) => place >= 0)
  return (parts.length > 0 ? stack[Math.min(...parts)] : stack.at(-1))?.record.id
}

function isWhole({ components }: ReleaseRecord): boolean {
  return isVerified(components.backend) && isVerified(components.frontend)
}

/**
 * Id of the release that the last run was going back to, when it ended before that was verified and no one has changed
 * anything since: the same command must not go back by two.
 */
export function unfinishedReturn([last, ...earlier]: ReleaseRecord[], live: Pair): string | undefined {
  if (last?.rollbackOf === undefined || !isUnfinished(last)) return undefined
  const before = pairAfter(earlier)
  const planned = releaseBefore(earlier, before)
  const then = pairAfter(earlier.slice(earlier.findIndex(({ id }) => id === planned)))
  const isOurs = (part: keyof Pair) => live[part] === before[part] || live[part] === then[part]
  return planned !== undefined && isOurs('taskDefinition') && isOurs('site') ? planned : undefined
}

/** Whether the run succeeded, and at least one of the two was verified. */
function eitherVerified({ verdict, components }: ReleaseRecord): boolean {
  return (
    (verdict === 'deployed' || verdict === 'unchanged') &&
    (isVerified(components.backend) || isVerified(components.frontend))
  )
}
