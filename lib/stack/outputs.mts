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

export type StackOutputs = Record<OutputKey, string>

/** The URLs of the system. The outputs are `host[:port]`; only a site that is not on this machine has a certificate. */
export function addresses({
  DistributionDomainName,
  LoadBalancerDnsName,
}: Pick<StackOutputs, 'DistributionDomainName' | 'LoadBalancerDnsName'>) {
  const loopback = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(DistributionDomainName)
  const secure = loopback ? '' : 's'
  return {
    site: `http${secure}://${DistributionDomainName}`,
    siteWebSocket: `ws${secure}://${DistributionDomainName}/ws`,
    loadBalancer: `http://${LoadBalancerDnsName}`,
    loadBalancerWebSocket: `ws://${LoadBalancerDnsName}`,
  }
}
