import type { Target } from '../environment/target.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { duration } from '../script/drawing.mts'
import { exitCodes, Failure, Unanswered } from '../script/failure.mts'
import { currentJob, isDryRun, pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { change, read, run } from '../script/shell.mts'
import { withProgress } from '../script/under-way.mts'
import { readExpiry } from '../service/table.mts'

/*
 * Tables and their copies: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
 */

export interface Table {
  TableArn: string
  TableStatus: string
}

/** The table of a name; undefined when there is none. */
export async function describeTable(name: string): Promise<Table | undefined> {
  const described = await read<{ Table: Table }>({
    absent: /ResourceNotFoundException/,
  })`aws dynamodb describe-table --table-name ${name}`
  return described?.Table
}

/** Begins to copy a table as it was into a new one. */
export async function beginRestore(source: string, table: string, at: Date): Promise<void> {
  const begun =
    await change`aws dynamodb restore-table-to-point-in-time --source-table-name ${source} --target-table-name ${table} --restore-date-time ${at.toISOString()} --query TableDescription.TableStatus`
  // the answer to our own call was lost
  if (begun.exitCode !== 0 && !/TableAlreadyExistsException/.test(begun.stderr)) throw begun.failed()
}

/** A restore takes minutes to hours: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CreateBackup.html */
const longest = 3_600_000

/** Just after a restore began, AWS may not know of the table yet: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html */
const unknownAtMost = 60_000

/**
 * Waits until the table can be used. Fails as "still running" (exit 5) after an hour, and where nobody answers any more or
 * the credentials have expired, since AWS continues.
 */
export async function waitForTable({ local }: Pick<Target, 'local'>, name: string): Promise<void> {
  if (isDryRun()) return
  const started = Date.now()
  const goesOn = `AWS continues to restore ${name}`
  try {
    await withProgress((elapsed) => `restoring ${name}: ${elapsed}`, untilActive)
  } catch (error) {
    if (currentJob().signal.aborted) say(`${goesOn}; the same command continues from there`)
    else if (error instanceof Unanswered) throw outOfSight(error)
    throw error
  }

  async function untilActive(): Promise<void> {
    for (;;) {
      const table = await retryUntilAnswered(() => describeTable(name))
      if (table?.TableStatus === 'ACTIVE') return say(`restored   ${name}, in ${duration(Date.now() - started)}`)
      const isUnknownYet = !table && Date.now() - started < unknownAtMost
      if (table?.TableStatus !== 'CREATING' && !isUnknownYet) {
        const status = table?.TableStatus ?? 'gone'
        throw new Failure(`the table ${name} is ${status}`, `aws dynamodb describe-table --table-name ${name}`)
      }
      if (Date.now() - started > longest) {
        throw stillRunningFailure(`${goesOn}, after ${duration(longest)}`, 're-run the same command')
      }
      await pause(local ? 300 : table ? 10_000 : 1000)
    }
  }

  function outOfSight({ message, remedy, isTransient }: Unanswered): Failure {
    const again = isTransient ? 're-run the same command in a minute' : `${remedy}; then re-run the same command`
    return stillRunningFailure(`${goesOn}, and its progress could not be read: ${message}`, again)
  }
}

function stillRunningFailure(fact: string, again: string): Failure {
  return new Failure(`still running: ${fact}`, `${again}: it continues from there`, exitCodes['still running'])
}

/**
 * Gives a restored table what a restore does not bring: expiry, tags and backups of its own
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html). May be done twice.
 */
export async function setUpRestored({ local }: Pick<Target, 'local'>, source: string, name: string): Promise<void> {
  const described = await describeTable(source)
  if (!described) throw new Failure(`there is no table ${source}`, `aws dynamodb list-tables`)
  const sourceArn = described.TableArn
  const [attribute, expires, { Tags }] = await Promise.all([
    readExpiry(source),
    isDryRun() ? undefined : readExpiry(name),
    read<{ Tags: { Key: string; Value: string }[] }>({
      ifEmpty: { Tags: [] },
    })`aws dynamodb list-tags-of-resource --resource-arn ${sourceArn}`,
  ])
  if (attribute && !expires) {
    await run`aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification ${`Enabled=true,AttributeName=${attribute}`} --query TimeToLiveSpecification.AttributeName`
  }
  // CloudFormation's own tags are of the stack's table, and AWS lets no one else set them
  const tags = Tags.filter(({ Key }) => !Key.startsWith('aws:')).map(({ Key, Value }) => `Key=${Key},Value=${Value}`)
  if (tags.length > 0) {
    const arn = sourceArn.replace(/[^/]+$/, name)
    await run`aws dynamodb tag-resource --resource-arn ${arn} --tags ${tags}`
  }
  await turnOnBackups(name, local ? 300 : 10_000)
}

/** Just after a table was made AWS may still be busy with its backups, and asks to be asked again. */
async function turnOnBackups(name: string, every: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const turnedOn =
      await change`aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true --query ContinuousBackupsDescription.ContinuousBackupsStatus`
    if (turnedOn.exitCode === 0) return
    if (!/ContinuousBackupsUnavailableException/.test(turnedOn.stderr) || attempt === 30) throw turnedOn.failed()
    await pause(every)
  }
}
