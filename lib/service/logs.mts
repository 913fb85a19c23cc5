import type { Place, Target } from '../environment/target.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { invocation, isDay } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { pause } from '../script/job.mts'
import { read } from '../script/shell.mts'

/** A line that a task wrote. */
interface LogEvent {
  eventId: string
  /** Milliseconds since 1970. */
  timestamp: number
  logStreamName: string
  message: string
}

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The moment that `15m`, `2h`, `1d` or an ISO time with its zone names, in milliseconds since 1970. Fails (exit 2) on anything else. */
export function parseSince(since: string, now = Date.now()): number {
  const [, amount, unit] = /^(\d{1,5})([smhd])$/.exec(since) ?? []
  if (amount && unit) return now - Number(amount) * units[unit as keyof typeof units]
  // the lines are in UTC, and JavaScript takes a time without a zone for one of this machine's
  const isMoment = /^.{10}(T.*(Z|[+-]\d\d:\d\d))?$/.test(since) && isDay(since)
  const moment = isMoment ? Date.parse(since) : NaN
  if (!Number.isNaN(moment)) return moment
  throw new Failure(
    `--since is ${JSON.stringify(since)}`,
    'give a length of time such as 90s, 15m, 2h or 1d, or a time with its zone, such as 2026-11-23T10:15:00Z',
    2,
  )
}

// CloudWatch may show a line later than one that was written after it
const lateness = 30_000

/**
 * The tasks' output since a moment, in pages; with `follow` it continues until it is interrupted: what nobody answers is
 * asked again.
 */
export async function* followTaskLog(
  target: Place & Pick<Target, 'local'>,
  since: number,
  { follow }: { follow: boolean },
): AsyncGenerator<LogEvent[]> {
  const seen = new Map<string, number>()
  let [from, newest] = [since, since + lateness]
  // the first question may be about a whole day, and takes as long as it takes
  let events = await listEventsSince(target, from)
  for (;;) {
    const news = events
      .filter(({ eventId }) => !seen.has(eventId))
      .toSorted((one, other) => one.timestamp - other.timestamp)
    for (const { eventId, timestamp } of news) {
      seen.set(eventId, timestamp)
      newest = Math.max(newest, timestamp)
    }
    yield news
    if (!follow) return
    from = newest - lateness
    for (const [eventId, timestamp] of seen) if (timestamp < from) seen.delete(eventId)
    await pause(target.local ? 300 : 2_000)
    events = await retryUntilAnswered(() => listEventsSince(target, from), {
      within: Infinity,
      every: target.local ? 300 : 4_000,
    })
  }
}

/** Uses filter-log-events, which both versions of the aws CLI have (`logs tail` came with version 2). */
async function listEventsSince({ environment, names }: Place, moment: number): Promise<LogEvent[]> {
  const found = await read<{ events: LogEvent[] }>({
    ifEmpty: { events: [] },
    absent: /ResourceNotFoundException/,
  })`aws logs filter-log-events --log-group-name ${names.logGroup} --start-time ${moment}`
  if (!found) throw new Failure(`there is no log group ${names.logGroup}`, invocation('infrastructure', environment))
  return found.events
}

/** `2026-11-23T10:15:02.123Z 1a2b3c4d message`: streams are named `prefix/container/task`, and eight digits distinguish tasks. */
export function logLine({ timestamp, logStreamName, message }: LogEvent): string {
  const task = logStreamName.slice(logStreamName.lastIndexOf('/') + 1).slice(0, 8)
  return `${new Date(timestamp).toISOString()} ${task} ${message.trimEnd()}\n`
}
