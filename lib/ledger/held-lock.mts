import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Place, Target } from '../environment/target.mts'
import { Failure, Unanswered } from '../script/failure.mts'
import { currentJob, interrupt, isDryRun, uninterruptible } from '../script/job.mts'
import { note, say } from '../script/narration.mts'
import { toAttributes, write } from './ledger.mts'
import { isHeldBy, lockKey, takeLock, usualSkew, whoDeploys } from './lock.mts'

/** A lock that this run holds. */
export interface HeldLock {
  /** Takes the lock now, if there was no table to take it in before. */
  secure(): Promise<void>
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
  const expiry = () => new Date(Date.now() + lease).toISOString()
  const lock = () => ({ holder, by, host: hostname(), pid: process.pid, command, release, since, expiry: expiry() })
  const mine = { TableName: names.ledger, Key: toAttributes(lockKey), ...isHeldBy({ holder }) }
  let renewal: NodeJS.Timeout | undefined

  async function renew(): Promise<void> {
    const input = {
      ...mine,
      UpdateExpression: 'SET expiry = :expiry',
      ExpressionAttributeValues: toAttributes({ ':holder': holder, ':expiry': expiry() }),
    }
    try {
      const outcome = await write('update-item', input)
      if (outcome === 'written' || !renewal) return
      // CloudFormation deletes the table when it undoes a first creation
      if (outcome === 'no table') return
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // the network may return before the lease ends
      if (renewal && !currentJob().signal.aborted)
        say(`warning: the deploy lock was not renewed this time: ${error.message}`)
      return
    }
    clearInterval(renewal)
    renewal = undefined
    interrupt(new Failure(`the deploy lock of ${environment} was broken or taken over`, whoDeploys(environment)))
  }

  async function letGo(): Promise<void> {
    clearInterval(renewal)
    renewal = undefined
    try {
      const outcome = await uninterruptible(5_000, () => write('delete-item', mine))
      // refused: it is not ours any more; the first answer may have been lost
      if (outcome === 'written') note('lock released')
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      say(`warning: the deploy lock of ${environment} could not be released and will expire: ${error.message}`)
    }
  }

  async function secure(): Promise<void> {
    if (renewal) return
    try {
      if (!(await takeLock({ environment, names }, lock, skew))) return
    } catch (error) {
      // it may have been written before we were interrupted, or without an answer
      if (currentJob().signal.aborted || error instanceof Unanswered) await letGo()
      throw error
    }
    note('lock taken')
    renewal = setInterval(() => void renew(), lease / 4).unref()
  }

  await secure()
  return { secure, release: async () => (renewal ? await letGo() : undefined) }
}

/** Holds the lock of an environment while `work` runs; in a dry run there is nothing to lock. */
export async function withLock(
  target: Parameters<typeof holdLock>[0],
  who: Parameters<typeof holdLock>[1],
  work: () => Promise<void>,
): Promise<void> {
  if (isDryRun()) return await work()
  const lock = await holdLock(target, who)
  try {
    await work()
  } finally {
    await lock.release()
  }
}
