import type { Target } from '../environment/target.mts'
import { noteInRecord, recordStage } from '../ledger/deployment.mts'
import { requireNoLiveQuiz, type OnLiveQuiz } from '../ledger/guards.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import { invocation, isDay, isRunByMake, invocationWith } from '../script/command-line.mts'
import { clockTime, duration } from '../script/drawing.mts'
import { Failure } from '../script/failure.mts'
import { requireMayChange } from '../script/job.mts'
import { say, step, beginStage } from '../script/narration.mts'
import { verifyRunning } from '../service/deploy.mts'
import { revisionNumber, type RunningRelease } from '../service/service.mts'
import { requireStill } from '../service/still.mts'
import { backupsCommand, readRestorableTimes } from '../service/table.mts'
import { tableInUse, tableVariable, type TaskDefinition } from '../service/task-definition.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { redeploy } from './redeploy.mts'
import { beginRestore, describeTable, setUpRestored, waitForTable } from './table.mts'
import { verifyTable } from './verification.mts'

interface Restore {
  running: RunningRelease
  at: Date
  /** The table that is copied: the one in use. */
  source: string
  /** The new one. Its name says which moment it is of, so the same command finds what an earlier run has begun. */
  table: string
  exists: boolean
  /** The service uses it already: that is only verified. */
  unchanged: boolean
}

/** A moment as it was typed: ISO 8601 with its time zone, to the second. Fails (exit 2) on anything else. */
export function parseMoment(text: string | undefined, now = Date.now()): Date {
  const example = new Date(now - 3_600_000).toISOString().replace(/\.\d+/, '')
  const remedy = `give a moment with its time zone, such as ${isRunByMake() ? 'AT=' : ''}${example}`
  if (text === undefined) throw new Failure('no moment to restore was given', remedy, 2)
  const isMoment = /^.{10}T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) && isDay(text)
  const moment = new Date(isMoment ? text : NaN)
  if (Number.isNaN(moment.getTime())) {
    throw new Failure(`${JSON.stringify(text)} is not a moment`, remedy, 2)
  }
  if (moment.getTime() > now) {
    const ahead = duration(moment.getTime() - now)
    throw new Failure(`${clockTime(moment)} is in the future, by ${ahead}`, remedy, 2)
  }
  return moment
}

/** What would be restored, into which table. Fails, with the facts, when that is impossible. */
export async function planRestore(
  target: Target,
  outputs: StackOutputs,
  running: RunningRelease,
  at: Date,
): Promise<Restore> {
  const { environment, names } = target
  if (!outputs.RestoredTablePrefix) {
    throw new Failure(
      `the stack ${names.stack} does not let tasks use a restored table yet`,
      invocation('infrastructure', environment),
    )
  }
  const source = tableInUse(target, outputs, running)
  const table = `${outputs.RestoredTablePrefix}${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  const plan = { running, at, source, table, exists: true, unchanged: source === table }
  if (plan.unchanged) return plan
  const [existing, known] = await Promise.all([describeTable(table), describeTable(source)])
  if (!known) {
    throw new Failure(
      `there is no table ${source}`,
      `AWS keeps a backup of a table that was deleted for 35 days: aws dynamodb list-backups --backup-type SYSTEM --table-name ${source}`,
    )
  }
  if (existing) {
    await requireUnused(target, table)
    return plan
  }
  await requireRestorable(target, outputs, source, at)
  return { ...plan, exists: false }
}

/** A table that tasks were given, however that ended, may have more in it than the moment of its name. */
async function requireUnused(target: Target, table: string): Promise<void> {
  const records = (await listReleaseRecords(target)) ?? []
  const used = records.findLast(({ components: { backend } }) => backend?.table === table && backend.taskDefinition)
  const revision = used?.components.backend?.taskDefinition
  if (!used || revision === undefined) return
  throw new Failure(
    `${table} has been in use since ${used.id}, and may have been written to`,
    `give a moment that is one second off, or use it as it is: ${invocationWith('rollback', target.environment, 'REV', revisionNumber(revision))}`,
  )
}

async function requireRestorable(
  { environment, names }: Target,
  outputs: StackOutputs,
  source: string,
  at: Date,
): Promise<void> {
  const times = await readRestorableTimes(source)
  if (!times) {
    throw new Failure(
      `point-in-time recovery is off for ${source}`,
      source === outputs.ApplicationTableName
        ? 'staging and production have it; development and local hold nothing worth restoring'
        : backupsCommand(source),
    )
  }
  const { first, last } = times
  if (at >= new Date(Math.floor(first.getTime() / 1000) * 1000) && at <= last) return
  const isEarly = at < first
  const back = `${source} was restored itself: for an earlier moment, first go back to ${outputs.ApplicationTableName}, with a revision of ${invocation('revisions', environment)}`
  throw new Failure(
    `${source} can be restored to a moment from ${clockTime(first)} to ${clockTime(last)}, not to ${clockTime(at)}`,
    isEarly && source.startsWith(names.restoredTablePrefix) ? back : 'give one of these',
  )
}

/** Shows what a restore changes. */
export function printRestore({ source, table, at, exists, unchanged }: Restore): void {
  beginStage(`Restore: ${source} as of ${clockTime(at)}`)
  if (unchanged) return say(`unchanged: the service already uses ${table}; it is only verified`)
  say(`table      ${source} → ${table}${exists ? ', which an earlier run has begun to restore' : ''}`)
  const age = duration(Date.now() - at.getTime())
  say(`missing    what was written in the last ${age}: it stays in ${source}, and nothing merges the two`)
}

const reading = 'Verify that the tasks read the restored table'

/** Restores into the new table, sets that up like the old one, and deploys what runs with it. */
export async function restoreTable(
  target: Target,
  outputs: StackOutputs,
  plan: Restore,
  onLiveQuiz: OnLiveQuiz,
): Promise<void> {
  const { running, source, table, at } = plan
  const { digest, release, revision } = running
  await recordStage('backend', async () => {
    noteInRecord({ table })
    if (plan.unchanged) {
      noteInRecord({ taskDefinition: revision, digest, release })
      await verifyRunning(target, outputs, running)
      await step(reading, () => verifyTable(target, outputs, { revision, table }, running))
      return noteInRecord({ status: 'unchanged' })
    }
    await step('Restore the table into a new one', async () => {
      if (!plan.exists) await beginRestore(source, table, at)
      await waitForTable(target, table)
    })
    await requireMayChange()
    await step('Set up what a restore does not bring: expiry, tags, backups', () =>
      setUpRestored(target, source, table),
    )
    // a quiz may have begun while AWS was copying
    await requireNoLiveQuiz(target, outputs, onLiveQuiz)
    const still = await requireStill(target, running, `${table} is restored, and no task uses it`)
    const restored = await redeploy(target, outputs, still, (definition) => withApplicationTable(definition, table))
    await step(reading, () => verifyTable(target, outputs, { revision: restored, table }, still))
  })
}

/** The same task definition with another table. */
export function withApplicationTable(definition: TaskDefinition, table: string): TaskDefinition {
  const [container, ...others] = definition.containerDefinitions
  const environment = container!.environment.map((each) =>
    each.name === tableVariable ? { ...each, value: table } : each,
  )
  return { ...definition, containerDefinitions: [{ ...container!, environment }, ...others] }
}
