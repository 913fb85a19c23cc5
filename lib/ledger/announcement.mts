import { Failure } from '../script/failure.mts'
import { duration } from '../script/narration.mts'
import { escaped } from './notification.mts'
import type { ReleaseRecord } from './record.mts'
import { revisionName } from '../service/service.mts'

/*
 * What Slack is told about a deployment (https://docs.slack.dev/messaging/formatting-message-text).
 */

export function startText(record: ReleaseRecord): string {
  return [`*${record.environment}: started* ${about(record)}`, ...quotedNote(record)].join('\n')
}

/** @param failure what the run ended with; undefined when it went well */
export function endText(record: ReleaseRecord, failure: unknown): string {
  const { environment, verdict, startedAt, endedAt = startedAt } = record
  const lasting = duration(Date.parse(endedAt) - Date.parse(startedAt))
  const components = Object.entries(record.components).map(
    ([name, { status, taskDefinition }]) =>
      `${name} ${status}${taskDefinition ? ` (${revisionName(taskDefinition)})` : ''}`,
  )
  return [
    `*${environment}: ${verdict}* ${about(record)}, after ${lasting}`,
    ...(components.length > 0 ? [escaped(components.join(', '))] : []),
    ...quotedNote(record),
    ...(failure === undefined ? [] : ['```' + escaped(block(failure)) + '```']),
  ].join('\n')
}

function about({ id, command, by, host, rollbackOf }: ReleaseRecord): string {
  const what = rollbackOf === undefined ? id : `${id}, which takes ${rollbackOf} back`
  return escaped(`${what} by ${by} on ${host}: ${command}`)
}

function quotedNote({ note }: ReleaseRecord): string[] {
  return note === undefined ? [] : [`> ${escaped(note)}`]
}

/** Fact and remedy first, since Slack shows about 4000 characters of a message. */
function block(failure: unknown): string {
  const { message } = failure as Error
  const text =
    failure instanceof Failure
      ? [`error: ${message}`, `remedy: ${failure.remedy}`, ...failure.details].join('\n')
      : message
  return text.length > 3000 ? `${text.slice(0, 3000)}…` : text
}
