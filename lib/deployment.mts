import { hostname } from 'node:os'
import { endText, startText } from './announcement.mts'
import { headCommit } from './checkout.mts'
import { Failure } from './failure.mts'
import { heldLock, type Timing } from './held-lock.mts'
import { apart, currentJob } from './job.mts'
import { recordRelease } from './ledger.mts'
import { say } from './narration.mts'
import { notifications } from './notification.mts'
import { statusOf, type Component, type ComponentRecord, type ReleaseRecord, type Status } from './release-record.mts'
import type { Target } from './target.mts'

export interface Deployment {
  /**
   * Runs the stage of a component, and notes in the release record how that ended and what the component is since then.
   * @param facts of the stage's result; with `status: 'unchanged'` when the stage found nothing to do
   */
  component<T>(name: Component, stage: () => Promise<T>, facts?: (result: T) => Facts): Promise<T>
}

type Facts = Partial<Omit<ComponentRecord, 'seconds'>>

interface Run {
  /** As `invocation` phrases it. */
  command: string
  /** What a rollback takes back. */
  rollbackOf?: string
  /** Of the lock; the usual one unless given. */
  timing?: Timing
}

/**
 * One run of a verb that changes what is live: alone in its environment, in the ledger, told to Slack. However the work
 * ends, its verdict is recorded, the lock released and the failure passed on as it was.
 */
export async function deployment<T>(
  target: Target,
  run: Run,
  work: (deployment: Deployment) => Promise<T>,
): Promise<T> {
  const notify = notifications(target)
  const record = await begun(target, run)
  const lock = await heldLock(target, record, run.timing)
  // beside the work, which need not wait for it
  const recorded = kept(target, record)
  const told = notify(startText(record))
  let failure: unknown
  try {
    return await work({
      async component(name, stage, facts) {
        const result = await noted(record, name, stage, facts)
        // the stack has brought the table that the lock is held in
        if (name === 'infrastructure') await lock.secure()
        return result
      },
    })
  } catch (error) {
    failure = error
    throw error
  } finally {
    Object.assign(record, outcome(record, failure))
    await Promise.all([
      recorded.then(() => apart(5_000, () => kept(target, record))),
      told.then(() => notify(endText(record, failure))),
      lock.release(),
    ])
  }
}

async function begun(target: Target, { command, rollbackOf }: Run): Promise<ReleaseRecord> {
  const { release, environment, identity } = target
  const note = process.env['NOTE']?.trim().replaceAll(/\s+/g, ' ')
  return {
    id: release,
    environment,
    command,
    sha: await headCommit(),
    dirty: release.endsWith('-dirty'),
    by: personOf(identity),
    identity,
    host: hostname(),
    startedAt: new Date().toISOString(),
    verdict: 'under way',
    ...(note ? { note } : {}),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    components: {},
  }
}

/** A role's ARN says little about the person behind a CI run. */
export function personOf(identity: string, env = process.env): string {
  return env['GITHUB_ACTOR'] ?? env['GITLAB_USER_LOGIN'] ?? identity.split(/[/:]/).at(-1) ?? identity
}

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
    const result = await stage()
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
