import type { Destination } from '../environment/target.mts'
import { describeLock, isStale, type Lock } from '../ledger/lock.mts'
import { invocation } from '../script/command-line.mts'
import { clockTime, inColumns } from '../script/drawing.mts'
import { requestText } from '../script/asking.mts'
import { isSurvivable } from '../script/job.mts'
import { revisionName, readRunningRelease } from '../service/service.mts'
import { primaryOf } from '../service/verdict.mts'
import { releaseIn } from '../site/files.mts'
import { addresses, requireOutputs, describeStack, outputKeys, outputsOf, type StackOutputs } from '../stack/stack.mts'

/** What is live in an environment. Undefined parts do not exist (yet). */
export interface LiveState {
  environment: string
  account: string
  region: string
  stack: { name: string; status: string; since?: string }
  service?: {
    name: string
    desired: number
    running: number
    pending: number
    /** `websocket-task:12` */
    revision: string
    /** Of that revision: IN_PROGRESS, COMPLETED or FAILED. */
    rollout: string
    release: string
    digest: string
  }
  /** What the CDN serves, or the problem. */
  site?: { url: string; release: string; problem?: string }
  /** Of a deployment under way, or left behind by a dead one. */
  lock?: Lock
}

/**
 * Reads stack and site, while service and lock are being read, which need nothing but the environment's names. A missing part
 * is no failure; a query that fails is one.
 */
export async function readLiveState(
  { environment, names, account, region }: Destination,
  readingService: Promise<LiveState['service']>,
  readingLock: Promise<Lock | undefined>,
): Promise<LiveState> {
  const stack = await describeStack(names.stack)
  const since = (stack?.LastUpdatedTime ?? stack?.CreationTime)?.toISOString()
  const state: LiveState = {
    environment,
    account,
    region,
    stack: { name: names.stack, status: stack?.StackStatus ?? 'not deployed', ...(since ? { since } : {}) },
  }
  const found = outputsOf(stack)
  // a stack that is being created, or whose creation was undone
  if (!outputKeys.some((key) => key in found)) return state
  const outputs = requireOutputs(found, names.stack, invocation('infrastructure', environment))
  const [service, site, lock] = await Promise.all([readingService, readSiteState(outputs), readingLock])
  return { ...state, ...(service ? { service } : {}), ...(site ? { site } : {}), ...(lock ? { lock } : {}) }
}

export async function readServiceState({ names }: Pick<Destination, 'names'>): Promise<LiveState['service']> {
  const found = await readRunningRelease({ names })
  if (!found) return undefined
  const { service, revision, release, digest } = found
  const total = (count: 'runningCount' | 'pendingCount') =>
    service.deployments.reduce((sum, deployment) => sum + deployment[count], 0)
  return {
    name: names.service,
    desired: service.desiredCount,
    running: total('runningCount'),
    pending: total('pendingCount'),
    revision: revisionName(revision),
    rollout: primaryOf(service)?.rolloutState ?? 'unknown',
    release,
    digest,
  }
}

async function readSiteState(outputs: StackOutputs): Promise<NonNullable<LiveState['site']>> {
  const { site, cdn } = addresses(outputs)
  const url = `${site}/`
  try {
    const { ok, status, body } = await requestText(`${cdn}/`)
    return ok ? { url, release: releaseIn(body) } : { url, release: '', problem: `it answers ${status}` }
  } catch (error) {
    if (!isSurvivable(error)) throw error
    return { url, release: '', problem: error.message.replace(`${cdn}/ `, '') }
  }
}

/** The state as a table for a reader. */
export function stateTable({ stack, service, site, lock }: LiveState): string {
  const rows = [['stack', `${stack.name}: ${stack.status}${stack.since ? ` since ${clockTime(stack.since)}` : ''}`]]
  if (service) {
    const { name, desired, running, pending, revision, rollout, release, digest } = service
    rows.push(
      ['service', `${name}: ${desired} desired, ${running} running, ${pending} pending`],
      ['revision', `${revision}, rollout ${rollout}`],
      ['release', release || 'unknown: the revision does not name it'],
      ['image', digest || 'not pinned by digest: someone registered this revision by hand'],
    )
  } else rows.push(['service', 'not deployed'])
  if (site) rows.push(['site', `${site.url} ${site.problem ?? `release ${site.release || 'none'}`}`])
  if (lock)
    rows.push([
      'deploying',
      isStale(lock) ? `no one; a dead run left its lock: ${describeLock(lock)}` : describeLock(lock),
    ])
  return inColumns(rows)
}
