import { AsyncLocalStorage } from 'node:async_hooks'
import { hostname } from 'node:os'
import { noteOf } from '../environment/arguments.mts'
import { readHeadCommit } from '../environment/checkout.mts'
import type { Environment } from '../environment/environments.mts'
import type { Target } from '../environment/target.mts'
import { ciRunUrl, personInCi } from '../script/surroundings.mts'
import { invocation, promotionLine } from '../script/command-line.mts'
import { currentJob, guardChanges, isDryRun, requireMayChange } from '../script/job.mts'
import { timeStage } from '../script/narration.mts'
import { describeStack, outputsOf } from '../stack/stack.mts'
import { missingTableFailure, recordWriter, type RecordWriter } from './ledger.mts'
import type { DeployLock, Timing } from './lock.mts'
import { statusOf, type Component, type ComponentRecord, type ReleaseRecord, type Status } from './record.mts'

/** What a stage adds to its component's record; the status is `deployed` unless it says otherwise. */
type StageFacts = Partial<Omit<ComponentRecord, 'seconds'>>

/** The run that is being recorded. */
interface Recording {
  record: ReleaseRecord
  lock: DeployLock
  writer: RecordWriter
}

const recordings = new AsyncLocalStorage<Recording>()
const stages = new AsyncLocalStorage<{ component: Component; facts: StageFacts }>()

/** A release that was verified in another environment. */
export interface Promotion {
  environment: Environment
  /** Id of its record there. */
  release: string
  sha: string
  dirty: boolean
}

interface RunToRecord {
  /** The script of deploy/ that runs. */
  verb: string
  /** What a rollback undoes. */
  rollbackOf?: string | undefined
  /** What a promotion brings. Its commit is recorded, not the one that is checked out here. */
  promotion?: Promotion
  /** Of the lock; the usual one unless given. */
  timing?: Timing
}

/**
 * Runs the work of a script that changes what is live: alone in its environment, recorded in the ledger, reported to
 * Slack. However the work ends, its verdict is recorded, the lock released and the failure passed on as it was. A dry run
 * changes nothing: it takes no lock and leaves no record.
 */
export async function lockAndRecord<T>(
  target: Target,
  { verb, rollbackOf, promotion, timing }: RunToRecord,
  work: () => Promise<T>,
): Promise<T> {
  if (isDryRun()) return await work()
  const [{ endText, notifications, startText }, { holdLock }] = await Promise.all([
    import('./slack.mts'),
    import('./held-lock.mts'),
  ])
  const notify = notifications(target)
  const record = await makeRecord(target, verb, rollbackOf, promotion)
  const lock = await holdLock(target, record, timing)
  if (!lock.isHeld) await requireNoTableYet(target)
  guardChanges(lock.requireHeld)
  const writer = recordWriter(target, record)
  // the work need not wait for these
  void writer.write()
  const announced = notify(startText(record))
  const [worked] = await Promise.allSettled([recordings.run({ record, lock, writer }, async () => await work())])
  guardChanges(undefined)
  const failure: unknown = worked.status === 'rejected' ? worked.reason : undefined
  Object.assign(record, outcome(record, failure))
  // each comes to its end, whatever becomes of the others
  const ends = await Promise.allSettled([
    writer.writeLast(),
    announced.then(() => notify(endText(record, failure))),
    lock.release(),
    import('./run-page.mts').then(({ reportToCi }) => reportToCi(target, record)),
  ])
  if (worked.status === 'rejected') throw worked.reason
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return worked.value
}

/** Without its table there is no lock: that is right before the first deployment only. */
async function requireNoTableYet(target: Target): Promise<void> {
  const stack = await describeStack(target.names.stack)
  if (outputsOf(stack)['LedgerTableName'] !== undefined) throw missingTableFailure(target)
}

/** Runs the stage of a component. Its duration, its result and what `noteInRecord` adds go into the release's record. */
export async function recordStage<T>(component: Component, stage: () => Promise<T>): Promise<T> {
  const recording = recordings.getStore()
  if (!recording) return await stage()
  const { record, lock } = recording
  const facts: StageFacts = {}
  const started = Date.now()
  const note = (status: Status) => {
    record.components[component] = { status, seconds: Math.round((Date.now() - started) / 1000), ...facts }
  }
  try {
    const result = await stages.run({ component, facts }, () => timeStage(titles[component], stage))
    note('deployed')
    // the stack has brought the table that the lock is held in
    if (component === 'infrastructure') await lock.take()
    return result
  } catch (error) {
    // another stage failed, not this one
    if (currentJob().signal.aborted) note('stopped')
    else {
      facts.reason = (error as Error).message
      note(statusOf(error))
    }
    throw error
  }
}

/** Adds to the record of the stage under way. */
export function noteInRecord(facts: StageFacts): void {
  Object.assign(stages.getStore()?.facts ?? {}, facts)
}

/** Adds to the record of the stage under way and writes it at once, in case the run is killed in the change that follows. Fails when it has lost its lock. */
export async function recordBeforeChange(facts: StageFacts = {}): Promise<void> {
  noteInRecord(facts)
  const [recording, stage] = [recordings.getStore(), stages.getStore()]
  if (!recording || !stage) return
  const { record, writer } = recording
  record.components[stage.component] = { status: 'under way', seconds: 0, ...stage.facts }
  // side by side: each takes a second
  await Promise.all([writer.write(), requireMayChange()])
}

const titles = { infrastructure: 'Infrastructure', backend: 'Backend', frontend: 'Frontend' } as const

async function makeRecord(
  target: Target,
  verb: string,
  rollbackOf: string | undefined,
  promotion: Promotion | undefined,
): Promise<ReleaseRecord> {
  const { release, environment, identity, local } = target
  const note = noteOf()
  const run = ciRunUrl()
  return {
    id: release,
    environment,
    command: promotion ? promotionLine(promotion.environment, environment) : invocation(verb, environment),
    sha: promotion?.sha ?? (await readHeadCommit()),
    dirty: promotion?.dirty ?? release.endsWith('-dirty'),
    by: personOf(identity, local),
    identity,
    host: hostname(),
    startedAt: new Date().toISOString(),
    verdict: 'under way',
    ...(note ? { note } : {}),
    ...(run ? { run } : {}),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(promotion ? { promotedFrom: { environment: promotion.environment, release: promotion.release } } : {}),
    components: {},
  }
}

/** The name of a person. The ARN of a role does not name who started a CI run, and that of the local AWS names no one. */
export function personOf(identity: string, local = false, env = process.env): string {
  const person = personInCi(env) || (local && env['USER'])
  return person || (identity.split(/[/:]/).at(-1) ?? identity)
}

function outcome({ components }: ReleaseRecord, failure: unknown): Partial<ReleaseRecord> {
  const endedAt = new Date().toISOString()
  if (failure !== undefined) return { endedAt, verdict: statusOf(failure), reason: (failure as Error).message }
  const unchanged = Object.values(components).every(({ status }) => status === 'unchanged')
  return { endedAt, verdict: unchanged ? 'unchanged' : 'deployed' }
}
