import { hostname } from 'node:os'
import { endText, startText } from './announcement.mts'
import { headCommit } from '../environment/checkout.mts'
import type { Environment } from '../environment/environments.mts'
import { Failure } from '../script/failure.mts'
import { holdLock, type Timing } from './held-lock.mts'
import { invocation, promotionLine } from '../script/invocation.mts'
import { uninterruptible, currentJob } from '../script/job.mts'
import { recordRelease } from './ledger.mts'
import { say } from '../script/narration.mts'
import { notifications } from './notification.mts'
import { statusOf, type Component, type ComponentRecord, type ReleaseRecord, type Status } from './record.mts'
import type { Target } from '../environment/target.mts'
import { timed } from '../script/timeline.mts'

/** What a stage has to tell about its component; `deployed` unless it says that it found nothing to do. */
export type Facts = Partial<Omit<ComponentRecord, 'seconds'>>

/** Runs the stages of components: each is timed, and how it ended and what is live since then goes into the record. */
export interface Recorded {
  infrastructure: <T>(stage: () => Promise<T>, facts?: (result: T) => Facts) => Promise<T>
  backend: (stage: () => Promise<Facts>) => Promise<Facts>
  frontend: (stage: () => Promise<Facts>) => Promise<Facts>
}

/** A release that was proven in another environment. */
export interface Promotion {
  environment: Environment
  /** Id of its record there. */
  release: string
  sha: string
  dirty: boolean
}

interface Options {
  /** The work changes nothing: so nothing is locked, recorded or told. */
  dryRun?: boolean
  /** What a rollback takes back. */
  rollbackOf?: string
  /** What a promotion brings. Its commit is recorded, and not the one that happens to be checked out. */
  promotion?: Promotion
  /** Of the lock; the usual one unless given. */
  timing?: Timing
}

/**
 * One run of a script that changes what is live: alone in its environment, in the ledger, told to Slack. However the
 * work ends, its verdict is recorded, the lock released and the failure passed on as it was.
 */
export async function deployment<T>(
  target: Target,
  script: string,
  work: (recorded: Recorded) => Promise<T>,
  { dryRun, rollbackOf, promotion, timing }: Options = {},
): Promise<T> {
  if (dryRun)
    return await work({ infrastructure: (stage) => stage(), backend: (stage) => stage(), frontend: (stage) => stage() })
  const notify = notifications(target)
  const record = await begun(target, script, rollbackOf, promotion)
  const lock = await holdLock(target, record, timing)
  // beside the work, which need not wait for it
  const begin = kept(target, record)
  const told = notify(startText(record))
  let failure: unknown
  try {
    return await work({
      infrastructure: async (stage, facts) => {
        const outputs = await noted(record, 'infrastructure', stage, facts)
        // the stack has brought the table that the lock is held in
        await lock.secure()
        return outputs
      },
      backend: (stage) => noted(record, 'backend', stage, (facts) => facts),
      frontend: (stage) => noted(record, 'frontend', stage, (facts) => facts),
    })
  } catch (error) {
    failure = error
    throw error
  } finally {
    Object.assign(record, outcome(record, failure))
    await Promise.all([
      begin.then(() => uninterruptible(5_000, () => kept(target, record))),
      told.then(() => notify(endText(record, failure))),
      lock.release(),
    ])
  }
}

async function begun(
  target: Target,
  script: string,
  rollbackOf: string | undefined,
  promotion: Promotion | undefined,
): Promise<ReleaseRecord> {
  const { release, environment, identity, local } = target
  const note = process.env['NOTE']?.trim().replaceAll(/\s+/g, ' ')
  return {
    id: release,
    environment,
    command: promotion ? promotionLine(promotion.environment, environment) : invocation(script, environment),
    sha: promotion?.sha ?? (await headCommit()),
    dirty: promotion?.dirty ?? release.endsWith('-dirty'),
    by: personOf(identity, local),
    identity,
    host: hostname(),
    startedAt: new Date().toISOString(),
    verdict: 'under way',
    ...(note ? { note } : {}),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(promotion ? { promotedFrom: { environment: promotion.environment, release: promotion.release } } : {}),
    components: {},
  }
}

/** The ARN of a role says little about the person behind a CI run, and that of the local AWS nothing about anybody. */
export function personOf(identity: string, local = false, env = process.env): string {
  const person = env['GITHUB_ACTOR'] || env['GITLAB_USER_LOGIN'] || (local && env['USER'])
  return person || (identity.split(/[/:]/).at(-1) ?? identity)
}

const titles = { infrastructure: 'Infrastructure', backend: 'Backend', frontend: 'Frontend' } as const

async function noted<T>(
  record: ReleaseRecord,
  name: Component,
  stage: () => Promise<T>,
  facts: (result: T) => Facts = () => ({}),
): Promise<T> {
  const started = Date.now()
  const ended = (status: Status, rest: Facts) => {
    record.components[name] = { status, seconds: Math.round((Date.now() - started) / 1000), ...rest }
  }
  try {
    const result = await timed(titles[name], stage)
    ended('deployed', facts(result))
    return result
  } catch (error) {
    // a sibling's failure is not this one's
    if (currentJob().signal.aborted) ended('stopped', {})
    else ended(statusOf(error), { reason: (error as Error).message })
    throw error
  }
}

function outcome({ components }: ReleaseRecord, failure: unknown): Partial<ReleaseRecord> {
  const endedAt = new Date().toISOString()
  if (failure !== undefined) return { endedAt, verdict: statusOf(failure), reason: (failure as Error).message }
  const unchanged = Object.values(components).every(({ status }) => status === 'unchanged')
  return { endedAt, verdict: unchanged ? 'unchanged' : 'deployed' }
}

/** A deployment that cannot be recorded is a deployment all the same. */
async function kept(target: Target, record: ReleaseRecord): Promise<void> {
  try {
    await recordRelease(target, record)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (currentJob().signal.aborted && error.exitCode > 128) return
    say(`warning: this release is not in the ledger: ${error.message}`)
  }
}
