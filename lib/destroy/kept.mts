import { exists } from './destroy.mts'
import { say } from '../script/narration.mts'
import { probe, run } from '../script/shell.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'

/** Something that deleting the stack leaves behind. */
interface Kept {
  what: string
  /** Nobody can make it again. */
  data: boolean
  /** The line that removes it by hand. */
  command: string
  isThere: () => Promise<boolean>
  remove: () => Promise<void>
}

/** What is left when the stack is gone, in the order in which it may go: the ledger last, since it tells what happened. */
export function kept({ names }: Pick<Target, 'names'>, outputs: StackOutputs | undefined): Kept[] {
  const bucket = outputs?.SiteBucketName
  const table = outputs?.ApplicationTableName ?? `${names.prefix}-application`
  return [
    ...(bucket === undefined ? [] : [siteBucket(bucket)]),
    repository(names.repository),
    dynamoTable(table, true),
    logGroup(names.logGroup),
    dynamoTable(names.ledger, false),
  ]
}

/** Lists what a person may still want, or may want to be rid of. */
export async function printKept(resources: Kept[], { names }: Pick<Target, 'names'>): Promise<void> {
  const lines: string[] = []
  for (const { what, data, command, isThere } of resources) {
    if (data && (await isThere())) lines.push(`  ${what}: ${command}`)
  }
  if (lines.length === 0) return
  say(`kept, since nobody can make it again (--data removes it too; a new ${names.stack} needs their names):`)
  say(lines.join('\n'))
}

function siteBucket(bucket: string): Kept {
  return {
    what: `bucket ${bucket}`,
    data: false,
    command: `aws s3api delete-bucket --bucket ${bucket}`,
    isThere: async () =>
      await exists(await probe`aws s3api head-bucket --bucket ${bucket}`, /404|NoSuchBucket|Not Found/),
    async remove() {
      await run`aws s3api delete-bucket --bucket ${bucket}`
    },
  }
}

function repository(name: string): Kept {
  return {
    what: `images in ${name}`,
    data: false,
    command: `aws ecr delete-repository --repository-name ${name} --force`,
    isThere: async () =>
      await exists(
        await probe`aws ecr describe-repositories --repository-names ${name}`,
        /RepositoryNotFoundException/,
      ),
    async remove() {
      await run`aws ecr delete-repository --repository-name ${name} --force --query repository.repositoryName`
    },
  }
}

function dynamoTable(name: string, data: boolean): Kept {
  return {
    what: `table ${name}`,
    data,
    command: `aws dynamodb delete-table --table-name ${name}`,
    isThere: async () =>
      await exists(await probe`aws dynamodb describe-table --table-name ${name}`, /ResourceNotFoundException/),
    async remove() {
      await run`aws dynamodb delete-table --table-name ${name} --query TableDescription.TableStatus`
    },
  }
}

function logGroup(name: string): Kept {
  return {
    what: `logs in ${name}`,
    data: true,
    command: `aws logs delete-log-group --log-group-name ${name}`,
    isThere: async () =>
      await exists(
        await probe`aws logs filter-log-events --log-group-name ${name} --max-items 1`,
        /ResourceNotFoundException/,
      ),
    async remove() {
      await run`aws logs delete-log-group --log-group-name ${name}`
    },
  }
}
