import { Failure } from '../script/failure.mts'
import { invocation, settingLine } from '../script/invocation.mts'
import { releaseRecords } from '../ledger/ledger.mts'
import { isVerified, liveAfter, type ReleaseRecord } from '../ledger/record.mts'
import { planRollback, runningBackend, type BackendRollback } from './backend.mts'
import { revisionName, undo } from '../service/service.mts'
import { say } from '../script/narration.mts'
import { liveSite } from '../site/site.mts'
import { planSiteRollback, type SiteRollback } from './site.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'

/** A backend and a site that were live together. */
interface Pair {
  /** ARN. */
  taskDefinition: string | undefined
  /** Id that the page names. */
  site: string | undefined
}

export interface ReleaseRollback {
  /** Id of the release that is gone back to. */
  release: string
  /** What has to change; undefined for what is there already. */
  backend: BackendRollback | undefined
  site: SiteRollback | undefined
  /** Id of the latest release; undefined when the ledger is empty. */
  rollbackOf: string | undefined
  /** Lines that take it all back. */
  undo: string[]
}

/**
 * How backend and site get back to what was live after a release; what is there already is told and left alone.
 * Everything that could stop it on the way is looked at here. Fails with the first thing that does.
 * @param wanted without it, the last release before the current one after which both were proven
 */
export async function planReleaseRollback(
  target: Target,
  outputs: StackOutputs,
  wanted: string | undefined,
): Promise<ReleaseRollback> {
  const { environment } = target
  const [answer, running, site] = await Promise.all([releaseRecords(target), runningBackend(target), liveSite(outputs)])
  const records = answer ?? []
  const live: Pair = { taskDefinition: running.revision, site: site.live }
  const choose = `${invocation('releases', environment)} lists them`
  const release = wanted ?? releaseBefore(records, live)
  if (release === undefined) {
    throw new Failure(`the ledger of ${environment} knows no verified release before the current one`, choose)
  }
  const place = records.findIndex(({ id }) => id === release)
  if (place < 0) throw new Failure(`the ledger of ${environment} has no release ${release}`, choose)
  const { taskDefinition, site: page } = pairAfter(records.slice(place))
  if (!taskDefinition && !page) throw new Failure(`the ledger knows nothing that was live after ${release}`, choose)

  if (!taskDefinition) say(`no backend was live after ${release}: it stays as it is`)
  if (!page) say(`no site was live after ${release}: it stays as it is`)
  if (taskDefinition === live.taskDefinition) say(`the backend runs ${revisionName(running.revision)} already`)
  if (page === live.site) say(`the site is release ${page} already`)
  const [changesBackend, changesSite] = [isOther(taskDefinition, live.taskDefinition), isOther(page, live.site)]
  if (!changesBackend && !changesSite)
    throw new Failure(`${environment} is what it was after ${release} already`, choose)

  const before = pairAfter(records)
  const known = before.taskDefinition === live.taskDefinition && before.site === live.site ? records[0] : undefined
  return {
    release,
    site: changesSite ? await planSiteRollback(target, outputs, page, site) : undefined,
    backend: changesBackend ? await planRollback(target, revisionOf(taskDefinition!), running) : undefined,
    rollbackOf: records[0]?.id,
    undo: known
      ? [settingLine('rollback-release', environment, 'RELEASE', known.id)]
      : [
          ...(changesSite && site.liveManifest ? [siteUndo(target, site)] : []),
          ...(changesBackend ? [undo(target, running)] : []),
        ],
  }
}

/** The line that makes the site that is live until now live again. */
export function siteUndo({ environment }: Pick<Target, 'environment'>, { live }: Pick<SiteRollback, 'live'>): string {
  return settingLine('rollback-frontend', environment, 'RELEASE', live)
}

function isOther(wanted: string | undefined, live: string | undefined): wanted is string {
  return wanted !== undefined && wanted !== live
}

/** `12` of its ARN. */
function revisionOf(taskDefinition: string): number {
  return Number(taskDefinition.split(':').at(-1))
}

function pairAfter(records: ReleaseRecord[]): Pair {
  const { backend, frontend } = liveAfter(records)
  return { taskDefinition: backend?.taskDefinition, site: frontend?.release }
}

/**
 * Id of the last release, of records that are newest first, before the one that is live: both parts of it were proven.
 * Releases lie upon each other, and a rollback of the whole takes off what lies above its target. Where only one part was
 * rolled back, the other follows it: the answer is the release that the older part is of.
 */
export function releaseBefore(records: ReleaseRecord[], live: Pair): string | undefined {
  const layers: (Pair & { id: string })[] = []
  records
    .map((record, place) => ({ record, pair: pairAfter(records.slice(place)) }))
    .toReversed()
    .filter(({ record }) => isProven(record))
    .forEach(({ record, pair }) => {
      const place = layers.findLastIndex((layer) => isSame(layer, pair))
      const isWhole = isVerified(record.components.backend) && isVerified(record.components.frontend)
      if (record.rollbackOf !== undefined && place >= 0) layers.splice(place + 1)
      else if (record.rollbackOf !== undefined && !isWhole) return
      else if (place < 0 || place !== layers.length - 1) layers.push({ id: record.id, ...pair })
    })
  const whole = layers.findLastIndex((layer) => isSame(layer, live))
  if (whole >= 0) return layers[whole - 1]?.id
  const parts = [
    layers.findLastIndex(({ taskDefinition }) => taskDefinition === live.taskDefinition),
    layers.findLastIndex(({ site }) => site === live.site),
  ].filter((place) => place >= 0)
  return (parts.length > 0 ? layers[Math.min(...parts)] : layers.at(-1))?.id
}

function isSame(one: Pair, other: Pair): boolean {
  return one.taskDefinition === other.taskDefinition && one.site === other.site
}

/** The run ended well and was about backend or site. */
function isProven({ verdict, components }: ReleaseRecord): boolean {
  return (
    (verdict === 'deployed' || verdict === 'unchanged') &&
    (isVerified(components.backend) || isVerified(components.frontend))
  )
}
