import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Place, Target } from '../environment/target.mts'
import { Failure, Unanswered } from '../script/failure.mts'
import { currentJob, interrupt, runUninterrupted } from '../script/job.mts'
import { sayDimmed, say } from '../script/narration.mts'
import { ciRunUrl } from '../script/surroundings.mts'
import { changeItem, toAttributes } from './ledger.mts'
import { isHeldBy, lockKey, takeLock, usualSkew, whoDeploys, type DeployLock, type Timing } from './lock.mts'

/**
 * Takes the lock of an environment and renews it in the background. Fails, saying who deploys since when, while someone
 * else holds it; a stale one is taken over. Before the first deployment there is no table, and CloudFormation's own one
 * operation at a time is the lock: the table is asked for in the background. A run that loses its lock is stopped.
 */
export async function holdLock(
  { environment, names, release }: Place & Pick<Target, 'release'>,
  { by, command }: { by: string; command: string },
  { lease, skew }: Timing = { lease: 120_000, skew: usualSkew },
): Promise<DeployLock> {
  const since = new Date().toISOString()
  const holder = randomUUID()
  const host = { host: hostname(), pid: process.pid, run: ciRunUrl() || undefined }
  const expiry = () => new Date(Date.now() + lease).toISOString()
  const lock = () => ({ holder, by, ...host, command, release, since, expiry: expiry() })
  const mine = { TableName: names.ledger, Key: toAttributes(lockKey), ...isHeldBy({ holder }) }
  let isHeld = false
  /** Released or lost: it is not taken again. */
  let isOver = false
  let renewedAt = 0
  /** The attempt under way: a stage may ask while the background does. */
  let taking: Promise<boolean> | undefined

  async function renew(): Promise<void> {
    const began = Date.now()
    const input = {
      ...mine,
      UpdateExpression: 'SET expiry = :expiry',
      ExpressionAttributeValues: toAttributes({ ':holder': holder, ':expiry': expiry() }),
    }
    try {
      const outcome = await changeItem('update-item', input)
      if (outcome === 'written') renewedAt = began
      // CloudFormation deletes the table when it undoes a first creation; the next one's is another
      if (outcome === 'no table') isHeld = false
      if (outcome !== 'refused' || !isHeld) return
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // the network may return before the lease ends
      const isNews = isHeld && !currentJob().signal.aborted
      if (isNews) say(`warning: the deploy lock was not renewed this time: ${error.message}`)
      return
    }
    end()
    isHeld = false
    interrupt(new Failure(`the deploy lock of ${environment} was broken or taken over`, whoDeploys(environment)))
  }

  async function requireHeld(): Promise<void> {
    if (isHeld) await renew()
    else await take()
    currentJob().signal.throwIfAborted()
    if (!isHeld || Date.now() - renewedAt <= lease) return
    const fact = `the deploy lock of ${environment} has expired and could not be renewed`
    throw new Failure(fact, 'check the network (proxy, VPN), then re-run the same command')
  }

  async function deleteLock(): Promise<void> {
    const wasHeld = isHeld
    isHeld = false
    try {
      const outcome = await runUninterrupted({ atMost: 60_000, afterInterruption: 5_000 }, () =>
        changeItem('delete-item', mine),
      )
      if (outcome === 'written') sayDimmed('lock released')
      if (outcome === 'refused' && wasHeld) say(`the deploy lock of ${environment} was gone already`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      say(`warning: the deploy lock of ${environment} could not be released and will expire: ${error.message}`)
    }
  }

  async function take(): Promise<boolean> {
    currentJob().signal.throwIfAborted()
    if (isHeld || isOver) return isHeld
    taking ??= writeLock().finally(() => (taking = undefined))
    return await taking
  }

  async function writeLock(): Promise<boolean> {
    const began = Date.now()
    try {
      isHeld = await takeLock({ environment, names }, lock, skew)
    } catch (error) {
      // it may have been written before we were interrupted, or without an answer
      if (currentJob().signal.aborted || error instanceof Unanswered) await deleteLock()
      throw error
    }
    if (isHeld) {
      renewedAt = began
      sayDimmed('lock taken')
    }
    return isHeld
  }

  async function renewOrTake(): Promise<void> {
    if (isHeld) return await renew()
    try {
      await take()
    } catch (error) {
      // someone else's for now: the next change asks again, and fails with that
      if (!(error instanceof Failure)) throw error
    }
  }

  function end(): void {
    clearInterval(keeping)
    isOver = true
  }

  await take()
  const keeping = setInterval(() => void renewOrTake(), lease / 4).unref()
  return {
    get isHeld() {
      return isHeld
    },
    take,
    requireHeld,
    release: async () => {
      end()
      await taking?.catch(() => {})
      if (isHeld) await deleteLock()
    },
  }
}
