import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Annotations, Duration, Stack } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'

interface Watched {
  loadBalancer: ApplicationLoadBalancer
  targetGroup: ApplicationTargetGroup
  distribution: Distribution
  tables: ITable[]
}

interface Watch {
  metric: IMetric
  /** Alarms at this value and above, unless `below` is set. */
  threshold: number
  below?: boolean
  /** Consecutive periods before it alarms. */
  periods: number
  /** Said in the email. */
  means: string
  /** A metric that is not there means trouble. */
  missingIsBad?: boolean
}

/** Alarms that end in an email, and a dashboard. Staging and production only. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, configuration: Configuration, watched: Watched) {
    super(scope, id)
    const { names } = configuration
    const action = new SnsAction(this.topic(configuration))
    for (const [name, watch] of Object.entries(watches(configuration, watched))) {
      const alarm = new Alarm(this, name, {
        alarmName: `${names.prefix}-${kebab(name)}`,
        alarmDescription: watch.means,
        metric: watch.metric,
        threshold: watch.threshold,
        comparisonOperator: watch.below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: watch.periods,
        treatMissingData: watch.missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      })
      alarm.addAlarmAction(action)
      alarm.addOkAction(action)
    }
    new Dashboard(this, 'Dashboard', { dashboardName: names.prefix, widgets: widgets(configuration, watched) })
  }

  private topic({ names, alertEmail }: Configuration): Topic {
    const topic = new Topic(this, 'Alarms', {
      topicName: `${names.prefix}-alarms`,
      displayName: `Live Quiz ${names.environment}`,
      enforceSSL: true,
    })
    // a policy of our own (enforceSSL) takes the place of the one that lets the account's alarms publish
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    if (alertEmail === '') {
      Annotations.of(this).addWarningV2(
        'live-quiz:no-alert-email',
        `the alarms of ${names.environment} tell nobody: set ALERT_EMAIL in env/.env.${names.environment}`,
      )
    } else {
      topic.addSubscription(new EmailSubscription(alertEmail))
    }
    return topic
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8 })
}

const minute = Duration.minutes(1)

function serviceMetric(
  { names }: Configuration,
  metricName: string,
  statistic = 'Average',
  namespace = 'AWS/ECS',
): Metric {
  const dimensionsMap = { ClusterName: names.cluster, ServiceName: names.service }
  return new Metric({ namespace, metricName, statistic, dimensionsMap, period: minute })
}

function throttles(table: ITable): MathExpression {
  const count = (metricName: string) => table.metric(metricName, { statistic: 'Sum', period: minute })
  // ids of its own, since both tables are drawn in one graph
  const [reads, writes] = [`reads${table.node.id}`, `writes${table.node.id}`]
  return new MathExpression({
    expression: `FILL(${reads}, 0) + FILL(${writes}, 0)`,
    label: table.node.id,
    usingMetrics: { [reads]: count('ReadThrottleEvents'), [writes]: count('WriteThrottleEvents') },
    period: minute,
  })
}

function watches(configuration: Configuration, { loadBalancer, targetGroup, tables }: Watched): Record<string, Watch> {
  const everyMinute = { period: minute }
  return {
    NoHealthyTask: {
      metric: targetGroup.metrics.healthyHostCount({ ...everyMinute, statistic: 'Maximum' }),
      threshold: 1,
      below: true,
      periods: 3,
      means: 'The backend is down: no task is healthy.',
      missingIsBad: true,
    },
    UnhealthyTask: {
      metric: targetGroup.metrics.unhealthyHostCount({ ...everyMinute, statistic: 'Maximum' }),
      threshold: 1,
      periods: 5,
      means: 'A task fails its health check.',
    },
    BackendErrors: {
      metric: targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, everyMinute),
      threshold: 5,
      periods: 3,
      means: 'The backend answers with errors (5xx).',
    },
    LoadBalancerErrors: {
      metric: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, everyMinute),
      threshold: 5,
      periods: 3,
      means: 'The load balancer cannot reach the backend (5xx).',
    },
    SlowResponses: {
      metric: targetGroup.metrics.targetResponseTime({ ...everyMinute, statistic: 'p95' }),
      threshold: 1,
      periods: 5,
      means: 'One request in twenty takes a second or longer.',
    },
    CpuHigh: {
      metric: serviceMetric(configuration, 'CPUUtilization'),
      threshold: 80,
      periods: 5,
      means: 'The tasks use 80 % of their CPU or more.',
    },
    MemoryHigh: {
      metric: serviceMetric(configuration, 'MemoryUtilization'),
      threshold: 80,
      periods: 5,
      means: 'The tasks use 80 % of their memory or more.',
    },
    ...Object.fromEntries(
      tables.map((table) => [
        `${table.node.id}Throttled`,
        { metric: throttles(table), threshold: 1, periods: 3, means: `DynamoDB throttles ${table.node.id}.` },
      ]),
    ),
  }
}

function widgets(
  configuration: Configuration,
  { loadBalancer, targetGroup, distribution, tables }: Watched,
): GraphWidget[][] {
  // CloudFront's metrics live in us-east-1, wherever the stack is
  const edge = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      statistic,
      region: 'us-east-1',
      dimensionsMap: { DistributionId: distribution.distributionId, Region: 'Global' },
    })
  return [
    [
      graph('Tasks', [targetGroup.metrics.healthyHostCount(), targetGroup.metrics.unhealthyHostCount()]),
      graph('CPU and memory, %', [
        serviceMetric(configuration, 'CPUUtilization'),
        serviceMetric(configuration, 'MemoryUtilization'),
      ]),
      graph('Connections', [loadBalancer.metrics.activeConnectionCount(), loadBalancer.metrics.newConnectionCount()]),
    ],
    [
      graph('Requests to the backend', [loadBalancer.metrics.requestCount()]),
      graph('Response time, s', [
        targetGroup.metrics.targetResponseTime({ statistic: 'p50' }),
        targetGroup.metrics.targetResponseTime({ statistic: 'p95' }),
      ]),
      graph('Errors', [
        targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT),
        loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT),
      ]),
    ],
    [
      graph('Site requests', [edge('Requests', 'Sum')]),
      graph('Site errors, %', [edge('4xxErrorRate', 'Average'), edge('5xxErrorRate', 'Average')]),
      graph('Throttled by DynamoDB', tables.map(throttles)),
    ],
  ]
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()
}
