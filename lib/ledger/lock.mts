import type { Place } from '../environment/target.mts'
import { Failure } from '../script/failure.mts'
import { say } from '../script/narration.mts'
import { toAttributes, changeItem, readItem } from './ledger.mts'
import { invocation } from '../script/command-line.mts'
import { duration } from '../script/drawing.mts'
import { clock } from './record.mts'

/** Who is deploying, as the ledger has it, in which CI run. Times are ISO 8601, UTC. */
export interface Lock {
  /** Random: distinguishes two runs of one person. */
  holder: string
  by: string
  host: string
  pid: number
  command: string
  release: string
  run?: string | undefined
  since: string
  /** When it ends unless it is renewed before. */
  expiry: string
}

/** Milliseconds that two clocks may differ by. */
export const usualSkew = 60_000
export const lockKey = { pk: 'lock', sk: 'deployment' }

export async function readLock({ names }: Pick<Place, 'names'>): Promise<Lock | undefined> {
  return await readItem<Lock>(names.ledger, lockKey)
}

/** Whether it expired so long ago that its holder must be dead, even if two clocks differ. */
export function isStale({ expiry }: Pick<Lock, 'expiry'>, skew = usualSkew, now = Date.now()): boolean {
  return Date.parse(expiry) + skew < now
}

/**
 * Writes a lock, over a stale one too. Returns false when there is no table yet; fails while someone else holds the lock.
 * @param lock makes one for each attempt, since its expiry counts from now
 */
export async function takeLock({ environment, names }: Place, lock: () => Lock, skew: number): Promise<boolean> {
  const free = { ConditionExpression: 'attribute_not_exists(pk)' }
  let condition: object = free
  // someone else may be quicker
  for (let attempt = 0; attempt < 3; attempt++) {
    const ours = lock()
    const outcome = await changeItem('put-item', {
      TableName: names.ledger,
      Item: toAttributes({ ...lockKey, ...ours }),
      ...condition,
    })
    if (outcome !== 'refused') return outcome === 'written'
    const other = await readLock({ names })
    // the answer was lost, and `aws` wrote a second time
    if (other?.holder === ours.holder) return true
    if (other && !isStale(other, skew)) throw lockedFailure(environment, other, skew)
    if (other) say(`taking over a deploy lock that expired at ${clock(other.expiry)}: ${describeLock(other)}`)
    condition = other ? isStill(other) : free
  }
  throw new Failure(
    `could not take the deploy lock of ${environment}: it changed hands three times`,
    whoDeploys(environment),
  )
}

/** The condition that the lock is still that run's, renewed or not. */
export function isHeldBy({ holder }: Pick<Lock, 'holder'>) {
  return { ConditionExpression: 'holder = :holder', ExpressionAttributeValues: toAttributes({ ':holder': holder }) }
}

/** The condition that it was neither renewed nor taken since it was read. */
function isStill({ holder, expiry }: Pick<Lock, 'holder' | 'expiry'>) {
  return {
    ConditionExpression: 'holder = :holder AND expiry = :expiry',
    ExpressionAttributeValues: toAttributes({ ':holder': holder, ':expiry': expiry }),
  }
}

/** `ana on laptop (process 4711), make deploy-prod since 10:15:02 UTC (4 min 3 s), release 20261123T101501Z-1a2b3c4`. */
export function describeLock({ by, host, pid, command, since, release, run }: Lock, now = Date.now()): string {
  const lasting = duration(Math.max(0, now - Date.parse(since)))
  return `${by} on ${host} (process ${pid}), ${command} since ${clock(since, now)} (${lasting}), release ${release}${run ? `, ${run}` : ''}`
}

function lockedFailure(environment: Place['environment'], lock: Lock, skew: number): Failure {
  const free = clock(new Date(Date.parse(lock.expiry) + skew).toISOString())
  return new Failure(
    `${environment} is already being deployed, by ${describeLock(lock)}`,
    `wait until that ends; if it has died, its lock is free at ${free}, or at once after: ${invocation('unlock', environment)}; that stops a live run within half a minute`,
  )
}

export function whoDeploys(environment: Place['environment']): string {
  return `${invocation('releases', environment)} shows who is deploying`
}

/** The lock of an environment, for one run. */
export interface DeployLock {
  /** False while there is no table to take it in: before the first deployment, and once that was undone. */
  readonly isHeld: boolean
  /** Takes it, if this run does not hold it yet. Returns false while there is no table; fails when someone else holds it. */
  take(): Promise<boolean>
  /**
   * To be called before a change: renews the lock, or takes it when there is a table by now. Fails when it is lost, broken
   * a moment ago or in this machine's sleep.
   */
  requireHeld(): Promise<void>
  /** Releases it, even after Ctrl-C. Only warns when that fails: a lock that is left behind expires. */
  release(): Promise<void>
}

export interface Timing {
  /** Milliseconds after which a lock expires unless it is renewed. It is renewed four times as often. */
  lease: number
  /** Milliseconds that two clocks may differ by. */
  skew: number
}
