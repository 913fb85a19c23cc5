import { toAttributes } from './attributes.mts'
import type { Environment } from '../environment/environments.mts'
import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { write, item } from './ledger.mts'
import { duration, say } from '../script/narration.mts'
import type { Target } from '../environment/target.mts'

/** Who deploys, as the ledger keeps it while they do. Times are ISO 8601, UTC. */
export interface Lock {
  /** Random: tells two runs of one person apart. */
  holder: string
  by: string
  host: string
  pid: number
  command: string
  release: string
  since: string
  /** When it ends unless it is renewed before. */
  expiry: string
}

type Scope = Pick<Target, 'environment' | 'names'>

/** Milliseconds that two clocks may differ by. */
export const usualSkew = 60_000
export const lockKey = { pk: 'lock', sk: 'deployment' }

export async function currentLock({ names }: Pick<Scope, 'names'>): Promise<Lock | undefined> {
  return await item<Lock>(names.ledger, lockKey)
}

/** Nobody has renewed it for so long that its holder must be dead, whatever the difference between the clocks. */
export function isStale({ expiry }: Pick<Lock, 'expiry'>, skew = usualSkew, now = Date.now()): boolean {
  return Date.parse(expiry) + skew < now
}

/**
 * Writes a lock, over a stale one too. False when there is no table to write it to; fails when somebody else's is there.
 * @param lock made anew for each attempt, since its expiry counts from now
 */
export async function takeLock({ environment, names }: Scope, lock: () => Lock, skew: number): Promise<boolean> {
  const free = { ConditionExpression: 'attribute_not_exists(pk)' }
  let condition: object = free
  // an attempt is lost to somebody who was quicker
  for (let attempt = 0; attempt < 3; attempt++) {
    const outcome = await write('put-item', {
      TableName: names.ledger,
      Item: toAttributes({ ...lockKey, ...lock() }),
      ...condition,
    })
    if (outcome !== 'refused') return outcome === 'written'
    const other = await currentLock({ names })
    if (other && !isStale(other, skew)) throw heldBy(environment, other, skew)
    if (other) say(`taking over a deploy lock that expired at ${clock(other.expiry)}: ${describeLock(other)}`)
    condition = other ? isStill(other) : free
  }
  throw new Failure(`others take the deploy lock of ${environment} again and again`, telling(environment))
}

/** The condition that the lock is still that run's, renewed or not. */
export function isHeldBy({ holder }: Pick<Lock, 'holder'>) {
  return { ConditionExpression: 'holder = :holder', ExpressionAttributeValues: toAttributes({ ':holder': holder }) }
}

/** The condition that nobody has renewed or taken it since it was seen. */
function isStill({ holder, expiry }: Pick<Lock, 'holder' | 'expiry'>) {
  return {
    ConditionExpression: 'holder = :holder AND expiry = :expiry',
    ExpressionAttributeValues: toAttributes({ ':holder': holder, ':expiry': expiry }),
  }
}

/** `ana on laptop (process 4711), make deploy-prod since 10:15:02 UTC (4 min 3 s), release 20261123T101501Z-1a2b3c4`. */
export function describeLock({ by, host, pid, command, since, release }: Lock, now = Date.now()): string {
  const lasting = duration(Math.max(0, now - Date.parse(since)))
  return `${by} on ${host} (process ${pid}), ${command} since ${clock(since, now)} (${lasting}), release ${release}`
}

function heldBy(environment: Environment, lock: Lock, skew: number): Failure {
  const free = clock(new Date(Date.parse(lock.expiry) + skew).toISOString())
  return new Failure(
    `${environment} is being deployed already, by ${describeLock(lock)}`,
    `wait until that ends; if it has died, its lock is free at ${free}, or at once after: ${invocation('unlock', environment)}`,
  )
}

export function telling(environment: Environment): string {
  return `${invocation('releases', environment)} tells who deploys`
}

/** `10:15:02 UTC`, with the day when that is not today. */
export function clock(iso: string, now = Date.now()): string {
  const [day = '', time = ''] = iso.split('T')
  const today = new Date(now).toISOString().startsWith(day)
  return `${today ? '' : `${day} `}${time.slice(0, 8)} UTC`
}
