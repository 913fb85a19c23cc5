import { differenceLine, differences } from '../script/differences.mts'
import { clockTime, duration, inColumns } from '../script/drawing.mts'
import { isSurvivable } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { probe } from '../script/shell.mts'
import { revisionName, revisionNumber } from '../service/service.mts'
import { comparable, describeTaskDefinition } from '../service/task-definition.mts'
import { isStale, type Lock } from './lock.mts'
import { isVerified, liveAfter, type ComponentRecord, type ReleaseRecord } from './record.mts'

/** The verdict. A run that was killed left `under way` behind: it is abandoned unless it holds the lock. */
export function verdictOf({ verdict, id }: ReleaseRecord, lock: Lock | undefined): string {
  if (verdict !== 'under way') return verdict
  return lock?.release === id && !isStale(lock) ? verdict : 'abandoned'
}

/** One line per release, newest first, under a line of titles. */
export function releaseTable(records: ReleaseRecord[], lock: Lock | undefined): string {
  const rows = records.map((record) => [
    record.id,
    verdictOf(record, lock),
    componentsOf(record) + originOf(record),
    record.startedAt.slice(0, 16).replace('T', ' '),
    lasting(record),
    `${record.by} on ${record.host}`,
    record.note ?? '',
  ])
  return inColumns([['RELEASE', 'VERDICT', 'COMPONENTS', 'STARTED (UTC)', 'TOOK', 'BY', 'NOTE'], ...rows])
}

function componentsOf({ components }: ReleaseRecord): string {
  const parts = Object.entries(components).map(([name, { status, taskDefinition }]) => {
    const revision = taskDefinition ? ` ${revisionNumber(taskDefinition)}` : ''
    return name + revision + (status === 'deployed' ? '' : ` ${status}`)
  })
  return parts.join(', ') || '-'
}

function originOf({ rollbackOf, promotedFrom }: ReleaseRecord): string {
  if (promotedFrom) return `; from ${promotedFrom.environment}`
  return rollbackOf === undefined ? '' : '; rollback'
}

function lasting({ startedAt, endedAt }: ReleaseRecord): string {
  return endedAt === undefined ? '-' : duration(Date.parse(endedAt) - Date.parse(startedAt))
}

/** Everything that is known about a release, and what it changed. */
export function releasePage(record: ReleaseRecord, changes: ReleaseChanges, lock: Lock | undefined): string {
  const { infrastructure, backend, frontend } = record.components
  const about: [string, string | undefined][] = [
    ['release', record.id],
    ['verdict', verdictOf(record, lock)],
    ['reason', record.reason],
    ['note', record.note],
    ['rolls back', record.rollbackOf],
    ['promoted from', record.promotedFrom && `${record.promotedFrom.environment}, ${record.promotedFrom.release}`],
    ['commit', record.sha + (record.dirty ? ', with uncommitted changes' : '')],
    ['command', record.command],
    ['by', `${record.by} on ${record.host}, ${record.identity}`],
    ['run', record.run],
    ['started', `${clockTime(record.startedAt)}, took ${lasting(record)}`],
    ['infrastructure', infrastructure && componentLine(infrastructure)],
    ['backend', backend && componentLine(backend)],
    ['', backend?.taskDefinition && revisionName(backend.taskDefinition)],
    ['', backend?.digest],
    ['frontend', frontend && componentLine(frontend)],
  ]
  const { before, commits, image, taskDefinition, files } = changes
  const since: [string, string[] | undefined][] = [
    ['commits', before === undefined ? undefined : (commits ?? ['not in this checkout: try git fetch'])],
    ['image', image && [`${image.from} → ${image.to}`]],
    ['task definition', taskDefinition],
    ['site', files],
  ]
  return [
    ...about.flatMap(([name, value]) => (value ? [`${name.padEnd(15)} ${value}`] : [])),
    '',
    before === undefined ? 'no earlier release is known' : `changed since ${before}`,
    ...since.flatMap(([name, lines]) =>
      lines === undefined
        ? []
        : (lines.length ? lines : ['no change']).map((line, index) => `${(index ? '' : name).padEnd(15)} ${line}`),
    ),
    '',
  ].join('\n')
}

function componentLine({ status, seconds, reason, release, commit }: ComponentRecord): string {
  const took = `took ${duration(seconds * 1000)}`
  const parts = [status, took, release && `release ${release}`, commit && `commit ${commit}`, reason]
  return parts.filter(Boolean).join(', ')
}

/** What a release changed about what was live before it. */
interface ReleaseChanges {
  /** Id of the release before; absent for the first one. */
  before?: string
  /** `> 1a2b3c4 Subject` came, `< 1a2b3c4 Subject` went; absent when this checkout does not know the commits. */
  commits?: string[]
  /** Digests. */
  image?: { from: string; to: string }
  taskDefinition?: string[]
  /** Keys of the site that were uploaded. */
  files?: string[]
}

/** @param records newest first, beginning with the release itself */
export async function readReleaseChanges([record, ...older]: ReleaseRecord[]): Promise<ReleaseChanges> {
  const before = older.find(({ components }) => Object.values(components).some(isVerified))
  const { backend, frontend } = record!.components
  const files = frontend?.files ? { files: frontend.files } : {}
  if (!before) return files

  const commits = await listCommitsBetween(before.sha, record!.sha)
  const from = liveAfter(older).backend
  return {
    before: before.id,
    ...(commits ? { commits } : {}),
    ...(from?.digest && backend?.digest && from.digest !== backend.digest
      ? { image: { from: from.digest, to: backend.digest } }
      : {}),
    ...(from?.taskDefinition && backend?.taskDefinition && from.taskDefinition !== backend.taskDefinition
      ? { taskDefinition: await compareTaskDefinitions(from.taskDefinition, backend.taskDefinition) }
      : {}),
    ...files,
  }
}

async function listCommitsBetween(from: string, to: string): Promise<string[] | undefined> {
  const { exitCode, stdout } =
    await probe`git log --left-right --no-decorate --max-count 50 --format=${'%m %h %s'} ${from}...${to}`
  return exitCode === 0 ? stdout.split('\n').filter(Boolean) : undefined
}

async function compareTaskDefinitions(from: string, to: string): Promise<string[]> {
  try {
    const [before, after] = await Promise.all([from, to].map(describeTaskDefinition))
    return differences(comparable(before!), comparable(after!)).map(differenceLine)
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: ${error.message}`)
    return []
  }
}
