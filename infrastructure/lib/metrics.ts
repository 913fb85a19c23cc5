import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Duration } from 'aws-cdk-lib/core'
import type { EnvironmentNames } from '../../lib/environment/environments.mts'

/** What is watched. The service is known by name only: the backend stage makes it. */
export interface Watched {
  names: EnvironmentNames
  loadBalancer: ApplicationLoadBalancer
  targetGroup: ApplicationTargetGroup
  distribution: Distribution
  tables: { application: ITable; ledger: ITable }
  /** Lines that the backend logs as errors. */
  errorsInLogs: MetricFilter
  /** Undefined where the stack is not in us-east-1. The certificate only with a domain. */
  edge: { distribution: Distribution; certificateArn: string | undefined } | undefined
}

export const minute = Duration.minutes(1)

export function serviceMetric(
  { cluster, service }: EnvironmentNames,
  metricName: 'CPUUtilization' | 'MemoryUtilization',
  statistic: 'Average' | 'Maximum' = 'Average',
): IMetric {
  const dimensionsMap = { ClusterName: cluster, ServiceName: service }
  return new Metric({ namespace: 'AWS/ECS', metricName, dimensionsMap, statistic, period: minute })
}

export function throttledRequests(name: string, table: ITable): IMetric {
  const count = (metricName: string) => table.metric(metricName, { statistic: 'Sum', period: minute })
  // ids of its own, since both tables are drawn in one graph
  const [reads, writes] = [`${name}Reads`, `${name}Writes`]
  return new MathExpression({
    expression: `FILL(${reads}, 0) + FILL(${writes}, 0)`,
    label: name,
    usingMetrics: { [reads]: count('ReadThrottleEvents'), [writes]: count('WriteThrottleEvents') },
    period: minute,
  })
}

export function siteMetric(
  { distributionId }: Distribution,
  metricName: string,
  statistic: 'Sum' | 'Average',
  period?: Duration,
): IMetric {
  return new Metric({
    namespace: 'AWS/CloudFront',
    metricName,
    statistic,
    ...(period && { period }),
    // CloudFront's metrics live there, wherever the stack is
    region: 'us-east-1',
    dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
  })
}

/** Twice a day, as long as a certificate is valid: https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html */
export function daysToExpiry(certificateArn: string): IMetric {
  return new Metric({
    namespace: 'AWS/CertificateManager',
    metricName: 'DaysToExpiry',
    dimensionsMap: { CertificateArn: certificateArn },
    statistic: 'Minimum',
    period: Duration.days(1),
  })
}
