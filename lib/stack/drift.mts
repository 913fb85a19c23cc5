import type { CloudFormationClient, StackResourceDrift } from '@aws-sdk/client-cloudformation'
import { retryUntilAnswered } from '../script/asking.mts'
import { currentJob, pause } from '../script/job.mts'
import { asFailure, cloudFormation } from './stack.mts'

/**
 * Types that CloudFormation is not asked about: it reads with the permissions of who asks, and reading these shows what the
 * role that looks must not see: a secret, the header that CloudFront shows the load balancer, the zones and the costs of the
 * account.
 */
export const unasked = new Set([
  'AWS::Budgets::Budget',
  'AWS::CloudFront::Distribution',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
  'AWS::Route53::RecordSet',
  'AWS::SecretsManager::Secret',
])

export interface StackDrift {
  /** Why CloudFormation could not read every resource; absent when it could. */
  incomplete?: string
  /** Of each resource that it can check. */
  drifts: StackResourceDrift[]
  /** How many it was asked about, and the types that it was not. */
  asked: number
  left: string[]
}

/**
 * Has CloudFormation compare the live state of a stack's resources with what its template sets. Takes minutes on AWS, and
 * ends only when CloudFormation does.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 */
export async function detectDrift(stack: string, local: boolean): Promise<StackDrift> {
  const sdk = await import('@aws-sdk/client-cloudformation')
  const { signal: abortSignal } = currentJob()
  const named = { StackName: stack }
  const resources = await ask('list-stack-resources', async (client) => {
    const pages = sdk.paginateListStackResources({ client }, named, { abortSignal })
    return await collectPages(pages, ({ StackResourceSummaries = [] }) => StackResourceSummaries)
  })
  const isLeft = ({ ResourceType = '' }) => unasked.has(ResourceType)
  const asked = resources.filter((each) => !isLeft(each)).map(({ LogicalResourceId = '' }) => LogicalResourceId)
  const { StackDriftDetectionId } = await ask('detect-stack-drift', (client) =>
    client.send(new sdk.DetectStackDriftCommand({ ...named, LogicalResourceIds: asked }), { abortSignal }),
  )
  const status = () =>
    retryUntilAnswered(() =>
      ask('describe-stack-drift-detection-status', (client) =>
        client.send(new sdk.DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }), {
          abortSignal: currentJob().signal,
        }),
      ),
    )
  let { DetectionStatus, DetectionStatusReason = 'CloudFormation gives no reason' } = await status()
  while (DetectionStatus === 'DETECTION_IN_PROGRESS') {
    await pause(local ? 200 : 5_000)
    ;({ DetectionStatus, DetectionStatusReason = DetectionStatusReason } = await status())
  }
  const drifts = await ask('describe-stack-resource-drifts', async (client) => {
    const pages = sdk.paginateDescribeStackResourceDrifts({ client }, named, { abortSignal })
    return await collectPages(pages, ({ StackResourceDrifts = [] }) => StackResourceDrifts)
  })
  return {
    ...(DetectionStatus !== 'DETECTION_COMPLETE' && { incomplete: DetectionStatusReason }),
    // of the others there may be what someone else has asked
    drifts: drifts.filter(({ LogicalResourceId = '' }) => asked.includes(LogicalResourceId)),
    asked: asked.length,
    left: [...new Set(resources.filter(isLeft).map(({ ResourceType = '' }) => ResourceType))].toSorted(),
  }
}

async function collectPages<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => Item[]): Promise<Item[]> {
  const all: Item[] = []
  for await (const page of pages) all.push(...items(page))
  return all
}

async function ask<Answer>(call: string, send: (client: CloudFormationClient) => Promise<Answer>): Promise<Answer> {
  try {
    return await send(await cloudFormation())
  } catch (error) {
    throw asFailure(call, error)
  }
}
