import type { CloudWatchLogs, InputLogEvent } from '@aws-sdk/client-cloudwatch-logs'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AwsClients } from './aws-clients.ts'
import { createFrameReader } from './log-frames.ts'
import { StartFailure } from './start-failure.ts'

export interface LogStream {
  /** Sends everything that comes, in order. Resolves when the output has ended and all of it is stored. */
  drain(output: Readable): Promise<void>
}

/** Limits of PutLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const largestBatch = { events: 10_000, bytes: 1_048_576, overhead: 26 }
const pause = 200

/**
 * Opens a stream of the awslogs log driver.
 * @throws StartFailure when the group does not exist, as a task's start fails on AWS
 */
export async function openLogStream(
  logGroupName: string,
  logStreamName: string,
  clients: AwsClients,
): Promise<LogStream> {
  const client = await clients.logs()
  await client.createLogStream({ logGroupName, logStreamName }).catch((error: Error) => {
    throw new StartFailure(
      `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ${error.name}: ${error.message} : exit status 1`,
    )
  })
  return { drain: (output) => drain(output, client, logGroupName, logStreamName) }
}

async function drain(output: Readable, client: CloudWatchLogs, logGroupName: string, logStreamName: string) {
  const waiting: InputLogEvent[] = []
  const frames = createFrameReader((timestamp, message) => waiting.push({ timestamp, message }))
  const ended = new AbortController()
  const { signal } = ended

  async function read(): Promise<void> {
    try {
      for await (const chunk of output) frames.read(chunk as Buffer)
    } finally {
      frames.end()
      ended.abort()
    }
  }

  async function send(): Promise<void> {
    while (!signal.aborted || waiting.length > 0) {
      const logEvents = takeBatch(waiting)
      if (logEvents.length > 0) await client.putLogEvents({ logGroupName, logStreamName, logEvents }).catch(reportLoss)
      // a race with the end itself would keep a callback for each turn, as long as the task lives
      if (!signal.aborted) await sleep(pause, undefined, { signal }).catch(() => {})
    }
  }

  await Promise.all([read(), send()])
}

/** A task continues without its log, as on AWS; our own log shows what is lost. */
function reportLoss(error: Error): void {
  console.error(`container output is lost: ${error.name}: ${error.message}`)
}

/** Takes as many events from the front as one call may carry. */
export function takeBatch(waiting: InputLogEvent[]): InputLogEvent[] {
  let bytes = 0
  let count = 0
  for (const { message = '' } of waiting) {
    bytes += Buffer.byteLength(message) + largestBatch.overhead
    if (count > 0 && bytes > largestBatch.bytes) break
    count += 1
    if (count === largestBatch.events) break
  }
  return waiting.splice(0, count)
}
