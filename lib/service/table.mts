import type { Stack } from '@aws-sdk/client-cloudformation'
import { hasAlarms } from '../environment/environments.mts'
import type { Place } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { say } from '../script/narration.mts'
import { read } from '../script/shell.mts'
import { outputsOf, type StackOutputs } from '../stack/stack.mts'
import { readRunningRelease, timeOf, type Time } from './service.mts'
import { tableInUse } from './task-definition.mts'

/*
 * The application's table where it is not the stack's own, and how a table is protected.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
 */

/**
 * The restored table that the tasks use, which alarm and dashboard have to watch; undefined: the stack's own is in use, or
 * nothing watches.
 * @param stack of the environment, as it is
 */
export async function findRestoredTable(
  { environment, names }: Place,
  stack: Stack | undefined,
): Promise<string | undefined> {
  // a stack without that output is older than `make restore`, or was never finished
  const outputs = outputsOf(stack)
  if (!hasAlarms(environment) || !('RestoredTablePrefix' in outputs)) return undefined
  const table = tableInUse({ names }, outputs as StackOutputs, await readRunningRelease({ names }))
  return table === outputs['ApplicationTableName'] ? undefined : table
}

/** That alarm and dashboard watch another table than the one in use, and what to type; undefined: they watch it, or there are none. */
export function unwatched(
  { environment }: Pick<Place, 'environment'>,
  { ApplicationTableName, WatchedTableName = ApplicationTableName }: StackOutputs,
  table: string,
): { fact: string; remedy: string } | undefined {
  if (!hasAlarms(environment) || WatchedTableName === table) return undefined
  return {
    fact: `alarm and dashboard watch ${WatchedTableName}, and the tasks use ${table}`,
    remedy: invocation('infrastructure', environment),
  }
}

/** Prints what a change of tables leaves to do. */
export function sayIfUnwatched(place: Pick<Place, 'environment'>, outputs: StackOutputs, table: string): void {
  const found = unwatched(place, outputs, table)
  if (found) say(`warning: ${found.fact}; then: ${found.remedy}`)
}

/** The first and the last moment that a table can be restored to; undefined when point-in-time recovery is off. */
export async function readRestorableTimes(name: string): Promise<{ first: Date; last: Date } | undefined> {
  const { PointInTimeRecoveryDescription: recovery } = (
    await read<{
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription?: {
          PointInTimeRecoveryStatus: string
          EarliestRestorableDateTime?: Time
          LatestRestorableDateTime?: Time
        }
      }
    }>`aws dynamodb describe-continuous-backups --table-name ${name}`
  ).ContinuousBackupsDescription
  const { EarliestRestorableDateTime: first, LatestRestorableDateTime: last } = recovery ?? {}
  return recovery?.PointInTimeRecoveryStatus === 'ENABLED' && first && last
    ? { first: timeOf(first), last: timeOf(last) }
    : undefined
}

/** What turns point-in-time recovery on. */
export function backupsCommand(name: string): string {
  return `aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`
}

/** What lets items expire, as in the stack's own table. */
export function expiryCommand(name: string): string {
  return `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=true,AttributeName=expiresAt`
}

/** The attribute that says when an item expires; undefined when nothing does. */
export async function readExpiry(name: string): Promise<string | undefined> {
  const { TimeToLiveStatus, AttributeName } = (
    await read<{
      TimeToLiveDescription: { TimeToLiveStatus: string; AttributeName?: string }
    }>`aws dynamodb describe-time-to-live --table-name ${name}`
  ).TimeToLiveDescription
  return TimeToLiveStatus === 'ENABLED' || TimeToLiveStatus === 'ENABLING' ? AttributeName : undefined
}
