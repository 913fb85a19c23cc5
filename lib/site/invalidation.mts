import { currentJob, pause } from '../script/job.mts'
import { duration, echo, withProgress, say } from '../script/narration.mts'
import { asFailure } from '../stack/stack.mts'

const budget = 20 * 60_000

/**
 * Invalidates every path of a distribution and follows it to its end. When that takes longer than 20 minutes it says so
 * and goes on: the documents are `no-cache`, so nobody depends on it. `reference` makes a retried call one invalidation.
 */
export async function invalidate(distribution: string, reference: string, local: boolean): Promise<void> {
  const { CloudFrontClient, CreateInvalidationCommand, GetInvalidationCommand } =
    await import('@aws-sdk/client-cloudfront')
  const client = new CloudFrontClient({})
  const abortSignal = currentJob().signal
  const started = Date.now()
  try {
    echo(`aws cloudfront create-invalidation --distribution-id ${distribution} --paths '/*'`)
    const { Invalidation } = await client.send(
      new CreateInvalidationCommand({
        DistributionId: distribution,
        InvalidationBatch: { CallerReference: reference, Paths: { Quantity: 1, Items: ['/*'] } },
      }),
      { abortSignal },
    )
    const Id = Invalidation?.Id
    echo(`aws cloudfront get-invalidation --distribution-id ${distribution} --id ${Id}`)
    let status = Invalidation?.Status
    const completed = async () => {
      while (status !== 'Completed' && Date.now() - started < budget) {
        await pause(local ? 200 : 2000)
        const answer = await client.send(new GetInvalidationCommand({ DistributionId: distribution, Id }), {
          abortSignal,
        })
        status = answer.Invalidation?.Status
      }
    }
    const expected = local ? '' : ' (documented: 10-15 min)'
    await withProgress((elapsed) => `invalidation ${elapsed}${expected}: ${Id} is ${status}`, completed)
    say(
      status === 'Completed'
        ? `invalidation ${Id} completed after ${duration(Date.now() - started)}`
        : `warning: invalidation ${Id} is ${status} after ${duration(budget)}; it goes on by itself, and the documents are revalidated anyway`,
    )
  } catch (error) {
    throw asFailure('cloudfront create-invalidation', error)
  }
}
