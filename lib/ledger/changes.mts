import { differences } from '../script/differences.mts'
import { isExpected } from '../script/failure.mts'
import { say } from '../script/narration.mts'
import { isVerified, liveAfter, type ReleaseRecord } from './record.mts'
import { describeTaskDefinition } from '../service/service.mts'
import { probe } from '../script/shell.mts'
import { comparable } from '../service/task-definition.mts'

/** What a release changed about what was live before it. */
export interface ReleaseChanges {
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
export async function releaseChanges([record, ...older]: ReleaseRecord[]): Promise<ReleaseChanges> {
  const before = older.find(({ components }) => Object.values(components).some(isVerified))
  const { backend, frontend } = record!.components
  const files = frontend?.files ? { files: frontend.files } : {}
  if (!before) return files

  const commits = await commitsBetween(before.sha, record!.sha)
  const from = liveAfter(older).backend
  return {
    before: before.id,
    ...(commits ? { commits } : {}),
    ...(from?.digest && backend?.digest && from.digest !== backend.digest
      ? { image: { from: from.digest, to: backend.digest } }
      : {}),
    ...(from?.taskDefinition && backend?.taskDefinition && from.taskDefinition !== backend.taskDefinition
      ? { taskDefinition: await taskDefinitionChanges(from.taskDefinition, backend.taskDefinition) }
      : {}),
    ...files,
  }
}

async function commitsBetween(from: string, to: string): Promise<string[] | undefined> {
  const { exitCode, stdout } =
    await probe`git log --left-right --no-decorate --max-count 50 --format=${'%m %h %s'} ${from}...${to}`
  return exitCode === 0 ? stdout.split('\n').filter(Boolean) : undefined
}

async function taskDefinitionChanges(from: string, to: string): Promise<string[]> {
  try {
    const [before, after] = await Promise.all([from, to].map(describeTaskDefinition))
    return differences(comparable(before!), comparable(after!))
  } catch (error) {
    if (!isExpected(error)) throw error
    say(`warning: ${error.message}`)
    return []
  }
}
