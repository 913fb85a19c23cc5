import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Place, Target } from '../environment/target.mts'
import { Failure, Unanswered } from '../script/failure.mts'
import { currentJob, interrupt, runUninterrupted } from '../script/job.mts'
import { sayDimmed, say } from '../script/narration.mts'
import { toAttributes, changeItem, readItem } from './ledger.mts'
import { ciRunUrl } from '../script/surroundings.mts'
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
const usualSkew = 60_000
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

export interface HeldLock {
  /** False before the first deployment: there is no table to take it in. `secure` takes it when there is one. */
  isHeld: boolean
  secure(): Promise<boolean>
  /** To be called before a change: renews the lock. Fails when it is lost, broken a moment ago or in this machine's sleep. */
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

/**
 * Takes the lock of an environment and renews it in the background. Fails, saying who deploys since when, while someone
 * else holds it; a stale one is taken over. Before the first deployment there is no table, and CloudFormation's own one
 * operation at a time is the lock. A run that loses its lock is stopped.
 */
export async function holdLock(
  { environment, names, release }: Place & Pick<Target, 'release'>,
  { by, command }: { by: string; command: string },
  { lease, skew }: Timing = { lease: 120_000, skew: usualSkew },
): Promise<HeldLock> {
  const since = new Date().toISOString()
  const holder = randomUUID()
  const host = { host: hostname(), pid: process.pid, run: ciRunUrl() || undefined }
  const expiry = () => new Date(Date.now() + lease).toISOString()
  const lock = () => ({ holder, by, ...host, command, release, since, expiry: expiry() })
  const mine = { TableName: names.ledger, Key: toAttributes(lockKey), ...isHeldBy({ holder }) }
  let renewal: NodeJS.Timeout | undefined
  let renewedAt = 0

  async function renew(): Promise<void> {
    const began = Date.now()
    const input = {
      ...mine,
      UpdateExpression: 'SET expiry = :expiry',
      ExpressionAttributeValues: toAttributes({ ':holder': holder, ':expiry': expiry() }),
    }
    try {
      const outcome = await changeItem('update-item', input)
      // CloudFormation deletes the table when it undoes a first creation
      if (outcome !== 'refused' || !renewal) return void (renewedAt = began)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // the network may return before the lease ends
      const isNews = renewal && !currentJob().signal.aborted
      return void (isNews && say(`warning: the deploy lock was not renewed this time: ${error.message}`))
    }
    clearInterval(renewal)
    renewal = undefined
    interrupt(new Failure(`the deploy lock of ${environment} was broken or taken over`, whoDeploys(environment)))
  }

  async function requireHeld(): Promise<void> {
    if (renewal) await renew()
    currentJob().signal.throwIfAborted()
    if (!renewal || Date.now() - renewedAt <= lease) return
    const fact = `the deploy lock of ${environment} has expired and could not be renewed`
    throw new Failure(fact, 'check the network (proxy, VPN), then re-run the same command')
  }

  async function letGo(): Promise<void> {
    const held = renewal
    clearInterval(held)
    renewal = undefined
    try {
      const outcome = await runUninterrupted(5_000, () => changeItem('delete-item', mine), 60_000)
      if (outcome === 'written') sayDimmed('lock released')
      if (outcome === 'refused' && held) say(`the deploy lock of ${environment} was gone already`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      say(`warning: the deploy lock of ${environment} could not be released and will expire: ${error.message}`)
    }
  }

  async function secure(): Promise<boolean> {
    if (renewal) return true
    renewedAt = Date.now()
    try {
      if (!(await takeLock({ environment, names }, lock, skew))) return false
    } catch (error) {
      // it may have been written before we were interrupted, or without an answer
      if (currentJob().signal.aborted || error instanceof Unanswered) await letGo()
      throw error
    }
    sayDimmed('lock taken')
    renewal = setInterval(() => void renew(), lease / 4).unref()
    return true
  }

  const isHeld = await secure()
  return { isHeld, secure, requireHeld, release: async () => (renewal ? await letGo() : undefined) }
}
