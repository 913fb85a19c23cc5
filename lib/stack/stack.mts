import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation'
import { resolveClientOptions } from '../environment/identity.mts'
import type { Place } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { answerFailure, Failure } from '../script/failure.mts'
import { currentJob } from '../script/job.mts'
import { echo } from '../script/narration.mts'

/**
 * The outputs of the stack: the one seam between the CDK app and the scripts. The app emits exactly these keys (its
 * `satisfies` makes a missing one a compile error, a template test pins them); the scripts read them by these names.
 */
export const outputKeys = [
  /** `host[:port]` of the load balancer, without a scheme: the documents' ALB_URL. */
  'LoadBalancerDnsName',
  /** `host[:port]` of the site: the documents' CLOUDFRONT_URL. */
  'DistributionDomainName',
  'DistributionId',
  'SiteBucketName',
  'TargetGroupArn',
  /** Comma-separated ids of the private subnets that the tasks run in. */
  'TaskSubnetIds',
  'TaskSecurityGroupId',
  'TaskExecutionRoleArn',
  'TaskRoleArn',
  /** DynamoDB table of the application. */
  'ApplicationTableName',
  /** DynamoDB table of release records and the deploy lock. */
  'LedgerTableName',
  /** Secrets Manager secret that the backend reads as ADMIN_SECRET. */
  'AdminSecretArn',
] as const

export type OutputKey = (typeof outputKeys)[number]

export type StackOutputs = Record<OutputKey, string> & {
  /** The site's own host name; absent without one. */
  SiteDomainName?: string
  /** Bucket of the access logs; absent in development. */
  LogBucketName?: string
  /** Begins the name of a restored table that tasks may use; absent in a stack that is older than `make restore`. */
  RestoredTablePrefix?: string
  /** The table that alarm and dashboard watch; absent where there are none, and in a stack that watches its own only. */
  WatchedTableName?: string
  /** Comma-separated names of the alarms that fail a deployment of the service; absent where there are no alarms. */
  DeploymentAlarmNames?: string
}

let client: CloudFormationClient | undefined

/** One client for the run: each has connections of its own. */
export async function cloudFormation(): Promise<CloudFormationClient> {
  const sdk = await import('@aws-sdk/client-cloudformation')
  const options = await resolveClientOptions()
  client ??= new sdk.CloudFormationClient(options)
  return client
}

/** The stack as CloudFormation describes it; undefined when there is none of that name. */
export async function describeStack(name: string): Promise<Stack | undefined> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  try {
    const { Stacks } = await (
      await cloudFormation()
    ).send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal: currentJob().signal,
    })
    return Stacks?.[0]
  } catch (error) {
    if (/does not exist/.test(String(error))) return undefined
    throw asFailure('describe-stacks', error)
  }
}

/** The outputs of the environment's stack. Fails when it is not deployed yet, or when an output is missing. */
export async function requireStackOutputs({ environment, names }: Place): Promise<StackOutputs> {
  echo(`aws cloudformation describe-stacks --stack-name ${names.stack} --query 'Stacks[0].Outputs'`)
  const remedy = invocation('infrastructure', environment)
  const stack = await describeStack(names.stack)
  if (!stack || !isDeployed(stack)) {
    throw new Failure(`the stack ${names.stack} is not deployed yet${stack ? ` (${stack.StackStatus})` : ''}`, remedy)
  }
  return requireOutputs(outputsOf(stack), names.stack, remedy)
}

/** The outputs of a stack that may not be there yet: undefined until it was deployed, and while it lacks an output. */
export async function findStackOutputs({ names }: Pick<Place, 'names'>): Promise<StackOutputs | undefined> {
  const stack = await describeStack(names.stack)
  if (!stack || !isDeployed(stack)) return undefined
  const outputs = outputsOf(stack)
  return missingOutputs(outputs).length === 0 ? (outputs as StackOutputs) : undefined
}

/**
 * Nothing can be deployed to a stack whose creation was never finished, or was undone. One that an update left stuck can be
 * inspected and rolled back.
 */
function isDeployed({ StackStatus }: Stack): boolean {
  return /^(CREATE|IMPORT)_COMPLETE$|^UPDATE_/.test(StackStatus ?? '')
}

/** The outputs that a stack has; none without a stack. */
export function outputsOf(stack: Stack | undefined): Record<string, unknown> {
  return Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
}

export function missingOutputs(given: Record<string, unknown>): string[] {
  return outputKeys.filter((key) => typeof given[key] !== 'string' || given[key] === '')
}

/** Every output that a script reads, or a failure that names the missing ones. */
export function requireOutputs(given: Record<string, unknown>, stack: string, remedy: string): StackOutputs {
  const missing = missingOutputs(given)
  if (missing.length > 0) {
    throw new Failure(
      `the stack ${stack} has no output ${missing.join(', ')}: it was deployed by an older version`,
      remedy,
    )
  }
  return given as StackOutputs
}

type Hosts = Pick<StackOutputs, 'DistributionDomainName' | 'LoadBalancerDnsName' | 'SiteDomainName'>

/**
 * The URLs of the system. The outputs are `host[:port]`; only a site that is not on this machine has a certificate. `site` is
 * for people, and `cdn` for the toolkit's own questions: a domain may not lead here yet, or lead elsewhere.
 */
export function addresses({ DistributionDomainName, LoadBalancerDnsName, SiteDomainName }: Hosts) {
  const [loopback, , port = ''] = /^(127\.0\.0\.1|localhost)(:\d+)?$/.exec(DistributionDomainName) ?? []
  const secure = loopback === undefined ? 's' : ''
  const host = SiteDomainName ? `${SiteDomainName}${port}` : DistributionDomainName
  return {
    site: `http${secure}://${host}`,
    siteWebSocket: `ws${secure}://${host}/ws`,
    cdn: `http${secure}://${DistributionDomainName}`,
    cdnWebSocket: `ws${secure}://${DistributionDomainName}/ws`,
    loadBalancer: `http://${LoadBalancerDnsName}`,
    loadBalancerWebSocket: `ws://${LoadBalancerDnsName}`,
  }
}

/** Origins of the site's pages: under its own name, and under CloudFront's, which works as well. */
export function allowedOrigins(outputs: Hosts): string {
  const { site, cdn } = addresses(outputs)
  return [...new Set([site, cdn])].join(',')
}

/** Where the backend answers /health and opens a WebSocket to a question from outside: without the CDN, where that is possible. */
export function backendAddresses(outputs: Hosts) {
  const { cdn, cdnWebSocket, loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  return isPrivate(outputs)
    ? { backend: cdn, backendWebSocket: cdnWebSocket }
    : { backend: loadBalancer, backendWebSocket: loadBalancerWebSocket }
}

/**
 * Whether the load balancer has no public address. AWS names it so:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-scheme
 */
export function isPrivate({ LoadBalancerDnsName }: Pick<StackOutputs, 'LoadBalancerDnsName'>): boolean {
  return LoadBalancerDnsName.startsWith('internal-')
}

/** An SDK's error as one fact and one remedy; an interruption as what it is. */
export function asFailure(call: string, error: unknown): Failure {
  currentJob().signal.throwIfAborted()
  // of the credentials
  if (error instanceof Failure) return error
  const { name, message } = error as Error
  return answerFailure(`aws ${call}: ${message || name}`, `${name} ${message}`)
}
