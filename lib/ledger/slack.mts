import type { Place } from '../environment/target.mts'
import { duration } from '../script/drawing.mts'
import { Failure, levelOf } from '../script/failure.mts'
import { runUninterrupted } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { fetchThroughProxy } from '../script/asking.mts'
import { probe } from '../script/shell.mts'
import { revisionName } from '../service/service.mts'
import type { ReleaseRecord } from './record.mts'

const variable = 'SLACK_WEBHOOK_URL'
const patience = 3_000

/** Sends a text. Never fails, and takes nine seconds at most: Slack cannot stop a deployment. */
type Notify = (text: string) => Promise<void>

/**
 * Notifications to the Slack webhook of SLACK_WEBHOOK_URL, or else of the SSM parameter `/<prefix>/slack-webhook-url`
 * (not read for `local`). The URL is a secret: no command inherits it, by lib/script/children.mts, and it appears in no
 * output and no argument.
 */
export function notifications(place: Place): Notify {
  const given = process.env[variable]
  let url: Promise<string> | undefined
  return async (text) => {
    let secret = given ?? ''
    try {
      url ??= given === undefined ? readStoredUrl(place) : Promise.resolve(given)
      // a parameter that was put from a file ends with that file's newline
      secret = (await url).trim()
      if (secret) await send(secret, text)
    } catch (error) {
      say(`warning: could not notify Slack: ${withoutSecret(causeOf(error), secret)}`)
    }
  }
}

/** The parameter's value; empty when there is none. */
async function readStoredUrl({ environment, names }: Place): Promise<string> {
  if (environment === 'local') return ''
  const name = `/${names.prefix}/slack-webhook-url`
  const { exitCode, stderr, failed, answer } = await runUninterrupted(
    { atMost: patience * 2 },
    () => probe({ secret: true })`aws ssm get-parameter --name ${name} --with-decryption --query Parameter.Value`,
  )
  if (exitCode === 0) return answer() as string
  if (/ParameterNotFound/.test(stderr)) return ''
  throw failed()
}

async function send(url: string, text: string): Promise<void> {
  // plain http would expose the secret
  if (!/^https:\/\/\S+$|^http:\/\/127\.0\.0\.1(:\d+)?\//.test(url)) {
    throw new Failure('the webhook is not an https URL', `fix ${variable}, or the SSM parameter`)
  }
  const answer = await fetchThroughProxy(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Failure(`it answered ${answer.status}`, `check ${variable}, or the SSM parameter`)
}

function causeOf(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return `no answer within ${patience / 1000} s`
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
}

function withoutSecret(text: string, secret: string): string {
  return secret ? text.replaceAll(secret, '(the webhook)') : text
}

/** Text as it is, in Slack's notation (https://docs.slack.dev/messaging/formatting-message-text). */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/*
 * The messages about a deployment, in Slack's notation (https://docs.slack.dev/messaging/formatting-message-text).
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

function about({ id, command, by, host, rollbackOf, run }: ReleaseRecord): string {
  const what = rollbackOf === undefined ? id : `${id}, which rolls back ${rollbackOf}`
  return escaped(`${what} by ${by} on ${host}: ${command}`) + (run ? ` <${escaped(run)}|run>` : '')
}

function quotedNote({ note }: ReleaseRecord): string[] {
  return note === undefined ? [] : [`> ${escaped(note)}`]
}

/** Fact and remedy first, since Slack shows about 4000 characters of a message. */
function block(failure: unknown): string {
  const { message } = failure as Error
  const text =
    failure instanceof Failure
      ? [`${levelOf(failure)}: ${message}`, `remedy: ${failure.remedy}`, ...failure.details].join('\n')
      : message
  return text.length > 3000 ? `${text.slice(0, 3000)}…` : text
}
