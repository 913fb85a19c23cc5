import type { Target } from '../environment/target.mts'
import { say } from '../script/narration.mts'
import { change, probe, read, run } from '../script/shell.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { findBucket, emptyBucket, isFound } from './bucket.mts'

export interface Resource {
  kind: 'site bucket' | 'log bucket' | 'repository' | 'table' | 'log group'
  name: string
  /** Whether it holds data that cannot be recreated. */
  isData: boolean
}

/** The resources that remain after the stack is deleted, in the order to delete them: the ledger, which has the history, last. */
export async function listRemainingResources(
  { names }: Pick<Target, 'names'>,
  outputs: StackOutputs | undefined,
): Promise<Resource[]> {
  const { SiteBucketName: site, LogBucketName: logs } = outputs ?? {}
  const table = outputs?.ApplicationTableName ?? `${names.prefix}-application`
  return [
    ...(site === undefined ? [] : [{ kind: 'site bucket', name: site, isData: false } as const]),
    { kind: 'repository', name: names.repository, isData: false },
    { kind: 'table', name: table, isData: true },
    ...(await listRestoredTables(names.restoredTablePrefix)).map(
      (name) => ({ kind: 'table', name, isData: true }) as const,
    ),
    { kind: 'log group', name: names.logGroup, isData: true },
    ...(logs === undefined ? [] : [{ kind: 'log bucket', name: logs, isData: true } as const]),
    { kind: 'table', name: names.ledger, isData: false },
  ]
}

/** The tables that `make restore` made. */
async function listRestoredTables(prefix: string): Promise<string[]> {
  const names = await read<string[]>`aws dynamodb list-tables --query TableNames`
  return names.filter((name) => name.startsWith(prefix))
}

/** Deletes a resource, if it exists. */
export async function deleteResource(target: Pick<Target, 'environment'>, { kind, name }: Resource): Promise<void> {
  if (!(await exists({ kind, name }))) return
  switch (kind) {
    case 'log bucket':
      // only now: load balancer and CDN wrote to it until they were gone
      await emptyBucket(target, name, 'access logs')
      return await run`aws s3api delete-bucket --bucket ${name}`
    case 'site bucket':
      return await run`aws s3api delete-bucket --bucket ${name}`
    case 'repository':
      return await run`aws ecr delete-repository --repository-name ${name} --force --query repository.repositoryName`
    case 'table':
      return await deleteTable(name)
    case 'log group':
      return await run`aws logs delete-log-group --log-group-name ${name}`
  }
}

/** Until the table is gone its name is taken, and the next stack could not be created. */
async function deleteTable(name: string): Promise<void> {
  const { exitCode, stderr, failed } =
    await change`aws dynamodb delete-table --table-name ${name} --query TableDescription.TableStatus`
  // by a run that was stopped while it waited
  if (exitCode !== 0 && !/being deleted/i.test(stderr)) throw failed()
  await run`aws dynamodb wait table-not-exists --table-name ${name}`
}

/** Lists the data that still exists, with the commands that delete it. */
export async function printKeptData(resources: Resource[], { names }: Pick<Target, 'names'>): Promise<void> {
  const lines: string[] = []
  for (const resource of resources.filter(({ isData }) => isData)) {
    if (await exists(resource)) lines.push(`  ${commandToDelete(resource)}`)
  }
  if (lines.length === 0) return
  say(
    `kept, because this data cannot be recreated (a new ${names.stack} takes over table and log group as in docs/DISASTER_RECOVERY.md, "The stack"; --data deletes all of it):`,
  )
  say(lines.join('\n'))
}

function commandToDelete({ kind, name }: Resource): string {
  if (kind === 'table') return `table ${name}: aws dynamodb delete-table --table-name ${name}`
  if (kind === 'log bucket') return `access logs in ${name}, for 90 days: aws s3 rb --force s3://${name}`
  return `logs in ${name}: aws logs delete-log-group --log-group-name ${name}`
}

async function exists({ kind, name }: Pick<Resource, 'kind' | 'name'>): Promise<boolean> {
  switch (kind) {
    case 'site bucket':
    case 'log bucket':
      return await findBucket(name)
    case 'repository':
      return isFound(
        await probe`aws ecr describe-repositories --repository-names ${name}`,
        /RepositoryNotFoundException/,
      )
    case 'table':
      return isFound(await probe`aws dynamodb describe-table --table-name ${name}`, /ResourceNotFoundException/)
    case 'log group':
      return isFound(
        await probe`aws logs filter-log-events --log-group-name ${name} --max-items 1`,
        /ResourceNotFoundException/,
      )
  }
}
