import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { pause } from '../script/job.mts'
import { duration, say } from '../script/narration.mts'
import { probe, read } from '../script/shell.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'

/** As `aws cloudfront get-invalidation` tells it. */
export interface Invalidation {
  Id: string
  Status: 'InProgress' | 'Completed'
  CreateTime: string
  InvalidationBatch: { CallerReference: string; Paths: { Items?: string[] } }
}

type Distribution = Pick<StackOutputs, 'DistributionId'>

/** Id of the invalidation that was made last: CloudFront lists the newest first. Undefined when there is none. */
export async function latestInvalidation({ DistributionId }: Distribution): Promise<string | undefined> {
  const { InvalidationList } = await read<{
    InvalidationList: { Items?: { Id: string }[] }
  }>`aws cloudfront list-invalidations --distribution-id ${DistributionId} --max-items 1`
  return InvalidationList.Items?.[0]?.Id
}

/** Asks after an invalidation until it is completed, and tells when it is not yet. Fails when the distribution has none of that id. */
export async function waitForInvalidation(
  { environment, local }: Pick<Target, 'environment' | 'local'>,
  { DistributionId }: Distribution,
  id: string,
): Promise<Invalidation> {
  for (let told = false; ; told = true) {
    const result = await probe({
      shown: !told,
    })`aws cloudfront get-invalidation --distribution-id ${DistributionId} --id ${id}`
    if (/NoSuchInvalidation/.test(result.stderr)) {
      throw new Failure(
        `the distribution ${DistributionId} has no invalidation ${id}`,
        `${invocation('invalidation', environment)} follows the latest`,
      )
    }
    if (result.exitCode !== 0) throw result.failed()
    const { Invalidation: invalidation } = JSON.parse(result.stdout) as { Invalidation: Invalidation }
    if (invalidation.Status === 'Completed') return invalidation
    if (!told) {
      const age = Date.now() - Date.parse(invalidation.CreateTime)
      say(`invalidation ${id} is ${invalidation.Status} since ${duration(age)}; Ctrl-C ends the watching only`)
    }
    await pause(local ? 300 : 3_000)
  }
}
