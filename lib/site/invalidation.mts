import type { CloudFrontClient } from '@aws-sdk/client-cloudfront'
import { resolveClientOptions } from '../environment/identity.mts'
import type { Target } from '../environment/target.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import { duration } from '../script/drawing.mts'
import { Failure } from '../script/failure.mts'
import { currentJob, isDryRun, isSurvivable, pause } from '../script/job.mts'
import { echo, say } from '../script/narration.mts'
import { read } from '../script/shell.mts'
import { withProgress } from '../script/under-way.mts'
import { asFailure, type StackOutputs } from '../stack/stack.mts'

const budget = 20 * 60_000
/** For as long CloudFront may be too busy to answer. */
const patience = { within: 30_000, every: 2_000 }

export interface InvalidationStatus {
  id: string
  status: string
}

let kept: CloudFrontClient | undefined

/** One client for the run: each has connections of its own. */
async function cloudFront(): Promise<CloudFrontClient> {
  const sdk = await import('@aws-sdk/client-cloudfront')
  const options = await resolveClientOptions()
  kept ??= new sdk.CloudFrontClient(options)
  return kept
}

/** Asks CloudFront, again while it is too busy to answer. */
async function ask<T>(
  call: string,
  send: (client: CloudFrontClient, options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  return await retryUntilAnswered(async () => {
    try {
      return await send(await cloudFront(), { abortSignal: currentJob().signal })
    } catch (error) {
      throw asFailure(`cloudfront ${call}`, error)
    }
  }, patience)
}

/**
 * Invalidates every path of the CDN; undefined when that fails. The site is live by then, and its documents are `no-cache`,
 * so nothing depends on it. The reference makes a retried call one invalidation: of this run, for this release.
 */
export async function invalidate(
  { release: run }: Pick<Target, 'release'>,
  { DistributionId }: StackOutputs,
  release: string,
): Promise<InvalidationStatus | undefined> {
  const command = `aws cloudfront create-invalidation --distribution-id ${DistributionId} --paths '/*'`
  echo(command)
  if (isDryRun()) return { id: '…', status: 'Completed' }
  const { CreateInvalidationCommand } = await import('@aws-sdk/client-cloudfront')
  const batch = { CallerReference: `${run}-${release}`, Paths: { Quantity: 1, Items: ['/*'] } }
  try {
    const { Invalidation } = await ask('create-invalidation', (client, options) =>
      client.send(new CreateInvalidationCommand({ DistributionId, InvalidationBatch: batch }), options),
    )
    return { id: Invalidation?.Id ?? '', status: Invalidation?.Status ?? '' }
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: there is no invalidation: ${error.message}; to create it: ${command}`)
    return undefined
  }
}

/**
 * Follows an invalidation to its end. When that takes longer than 20 minutes, or CloudFront does not answer, it says so and
 * continues.
 */
export async function followInvalidation(
  { local }: Pick<Target, 'local'>,
  { DistributionId }: StackOutputs,
  invalidation: InvalidationStatus | undefined,
): Promise<void> {
  if (isDryRun() || !invalidation) return
  const { GetInvalidationCommand } = await import('@aws-sdk/client-cloudfront')
  const started = Date.now()
  const { id } = invalidation
  let status: string | undefined = invalidation.status
  echo(`aws cloudfront get-invalidation --distribution-id ${DistributionId} --id ${id}`)
  const untilCompleted = async () => {
    while (status !== 'Completed' && Date.now() - started < budget) {
      await pause(local ? 200 : 2000)
      const answer = await ask('get-invalidation', (client, options) =>
        client.send(new GetInvalidationCommand({ DistributionId, Id: id }), options),
      )
      status = answer.Invalidation?.Status
    }
  }
  const expected = local ? '' : ' (documented: 10-15 min)'
  const continues = 'it continues by itself, and the documents are revalidated anyway'
  try {
    await withProgress((elapsed) => `invalidation ${elapsed}${expected}: ${id} is ${status}`, untilCompleted)
  } catch (error) {
    if (currentJob().signal.aborted) say(`the invalidation ${id} continues by itself`)
    if (!isSurvivable(error)) throw error
    return say(`warning: invalidation ${id} was ${status} when last seen: ${error.message}; ${continues}`)
  }
  say(
    status === 'Completed'
      ? `invalidation ${id} completed after ${duration(Date.now() - started)}`
      : `warning: invalidation ${id} is ${status} after ${duration(budget)}; ${continues}`,
  )
}

/** The fields of `aws cloudfront get-invalidation` that the toolkit reads. */
export interface Invalidation {
  Id: string
  Status: 'InProgress' | 'Completed'
  CreateTime: string
  InvalidationBatch: { CallerReference: string; Paths: { Items?: string[] } }
}

type Distribution = Pick<StackOutputs, 'DistributionId'>

/** Id of the newest invalidation, which CloudFront lists first; undefined when there is none. */
export async function findLatestInvalidation({ DistributionId }: Distribution): Promise<string | undefined> {
  const { InvalidationList } = await read<{ InvalidationList?: { Items?: { Id: string }[] } }>({
    ifEmpty: {},
  })`aws cloudfront list-invalidations --distribution-id ${DistributionId} --max-items 1`
  return InvalidationList?.Items?.[0]?.Id
}

/**
 * Waits until an invalidation is completed, and says so when it has to wait: without end, since that is all that
 * `make invalidation` is asked for. Fails when the distribution has none of that id.
 */
export async function waitForInvalidation(
  { environment, local }: Pick<Target, 'environment' | 'local'>,
  { DistributionId }: Distribution,
  id: string,
): Promise<Invalidation> {
  const every = local ? 300 : 3_000
  for (let isFirst = true; ; isFirst = false) {
    const found = await retryUntilAnswered(
      () =>
        read<{ Invalidation: Invalidation }>({
          shown: isFirst,
          absent: /NoSuchInvalidation/,
        })`aws cloudfront get-invalidation --distribution-id ${DistributionId} --id ${id}`,
      { within: 60_000, every },
    )
    if (!found) {
      throw new Failure(
        `the distribution ${DistributionId} has no invalidation ${id}`,
        `${invocation('invalidation', environment)} follows the latest`,
      )
    }
    const { Invalidation: invalidation } = found
    if (invalidation.Status === 'Completed') return invalidation
    if (isFirst) {
      const age = Date.now() - Date.parse(invalidation.CreateTime)
      say(
        `invalidation ${id} has been ${invalidation.Status} for ${duration(age)}; Ctrl-C stops watching, the invalidation continues`,
      )
    }
    await pause(every)
  }
}
