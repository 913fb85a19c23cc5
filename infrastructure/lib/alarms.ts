import { type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { deploymentAlarmMinutes } from '../../lib/environment/fixed-values.mts'
import { daysToExpiry, minute, serviceMetric, siteMetric, throttledRequests, type Watched } from './metrics.ts'

/** Alarms at `atLeast` and above; at `atMost` and below; or below `below`, and when there is no value at all. */
type Bound = { atLeast: number } | { atMost: number } | { below: number }

export type Watch = Bound & {
  metric: IMetric
  /** Minutes in a row before it alarms, or days where the metric has a value a day. */
  minutes: number
  /** So many of its minutes are enough, in a row or not. */
  enough?: number
  /** Said in the email. */
  means: string
  /** ECS rolls back when it goes into ALARM during a deployment, and continues to watch for about as many minutes. */
  failsDeployment?: true
}

/** Every alarm, by the last part of its name. */
export function alarms({
  names,
  loadBalancer,
  targetGroup,
  tables,
  errorsInLogs,
  edge,
}: Watched): Record<string, Watch> {
  const everyMinute = { period: minute }
  return {
    'no-healthy-task': {
      metric: targetGroup.metrics.healthyHostCount({ ...everyMinute, statistic: 'Maximum' }),
      below: 1,
      minutes: 3,
      means: 'The backend is down: no task is healthy.',
    },
    'unhealthy-task': {
      metric: targetGroup.metrics.unhealthyHostCount({ ...everyMinute, statistic: 'Maximum' }),
      atLeast: 1,
      // ECS takes each one out within half a minute, and what is taken out does not count
      minutes: 10,
      enough: 3,
      means: 'Tasks fail their health check again and again.',
    },
    'backend-errors': {
      metric: targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, everyMinute),
      atLeast: 5,
      minutes: deploymentAlarmMinutes,
      means: 'The backend answers with errors (5xx).',
      failsDeployment: true,
    },
    'load-balancer-errors': {
      metric: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, everyMinute),
      atLeast: 5,
      minutes: deploymentAlarmMinutes,
      means: 'The load balancer cannot reach the backend (5xx).',
      failsDeployment: true,
    },
    'slow-responses': {
      metric: targetGroup.metrics.targetResponseTime({ ...everyMinute, statistic: 'p95' }),
      atLeast: 1,
      minutes: deploymentAlarmMinutes,
      means: 'One request in twenty takes a second or longer.',
      failsDeployment: true,
    },
    'log-errors': {
      metric: errorsInLogs.metric({ ...everyMinute, statistic: 'Sum' }),
      atLeast: 1,
      minutes: 1,
      means: 'The backend logs an error.',
    },
    ...(edge && edgeAlarms(edge)),
    'cpu-high': {
      metric: serviceMetric(names, 'CPUUtilization'),
      atLeast: 80,
      minutes: 5,
      means: 'The tasks use 80 % of their CPU or more.',
    },
    'memory-high': {
      // one that leaks is killed, while the others keep the average low
      metric: serviceMetric(names, 'MemoryUtilization', 'Maximum'),
      atLeast: 80,
      minutes: 5,
      means: 'A task uses 80 % of its memory or more.',
    },
    ...Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [
        `${name}-table-throttled`,
        {
          metric: throttledRequests(name, table),
          atLeast: 1,
          minutes: 3,
          means: `DynamoDB throttles the ${name} table.`,
        },
      ]),
    ),
  }
}

/** Of what has its metrics in us-east-1: an alarm sees those of its own region only. */
function edgeAlarms({ distribution, certificateArn }: NonNullable<Watched['edge']>): Record<string, Watch> {
  const errors: Watch = {
    metric: siteMetric(distribution, '5xxErrorRate', 'Average', minute),
    atLeast: 5,
    minutes: 5,
    means: 'The CDN answers one request in twenty or more with an error (5xx).',
  }
  if (certificateArn === undefined) return { 'site-errors': errors }
  return {
    'site-errors': errors,
    'certificate-expiry': {
      metric: daysToExpiry(certificateArn),
      atMost: 30,
      minutes: 1,
      means: 'The certificate of the site ends within 30 days, and ACM has not renewed it.',
    },
  }
}

export function alarmProps(watch: Watch): AlarmProps {
  const bound =
    'below' in watch
      ? {
          threshold: watch.below,
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          treatMissingData: TreatMissingData.BREACHING,
        }
      : {
          threshold: 'atMost' in watch ? watch.atMost : watch.atLeast,
          comparisonOperator:
            'atMost' in watch
              ? ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
              : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          treatMissingData: TreatMissingData.NOT_BREACHING,
        }
  return {
    metric: watch.metric,
    ...bound,
    evaluationPeriods: watch.minutes,
    ...(watch.enough && { datapointsToAlarm: watch.enough }),
  }
}
