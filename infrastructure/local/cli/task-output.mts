import { CloudWatchLogs, type FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs'

/** Reads the output of all tasks, each call what has come since the one before; one line an event, in the order of time. */
export function createTaskOutput(): () => Promise<string[]> {
  const logs = new CloudWatchLogs({})
  const seen = new Set<string>()
  return async () => {
    const { logGroups = [] } = await logs.describeLogGroups({})
    const events = await Promise.all(logGroups.map(({ logGroupName }) => eventsOf(logs, logGroupName!)))
    const news = events.flat().filter(({ event }) => !seen.has(event.eventId!))
    for (const { event } of news) seen.add(event.eventId!)
    return news
      .toSorted((one, other) => one.event.timestamp! - other.event.timestamp!)
      .map(
        ({ group, event }) => `${new Date(event.timestamp!).toISOString()} ${group} ${taskOf(event)} ${event.message}`,
      )
  }
}

async function eventsOf(logs: CloudWatchLogs, group: string): Promise<{ group: string; event: FilteredLogEvent }[]> {
  const events: FilteredLogEvent[] = []
  let nextToken: string | undefined
  do {
    const page = await logs.filterLogEvents({ logGroupName: group, ...(nextToken && { nextToken }) })
    events.push(...(page.events ?? []))
    nextToken = page.nextToken
  } while (nextToken)
  return events.map((event) => ({ group, event }))
}

/** Streams are named `prefix/container/task id`; the beginning of the id is enough to distinguish tasks. */
function taskOf({ logStreamName = '' }: FilteredLogEvent): string {
  return logStreamName.slice(logStreamName.lastIndexOf('/') + 1).slice(0, 8)
}
