import { type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { minute, serviceMetric, throttledRequests, type Watched } from './metrics.ts'

/** Alarms at `atLeast` and above; or below `below`, and when there is no value at all. */
type Bound = { atLeast: number } | { below: number }

export type Watch = Bound & {
  metric: IMetric
  /** Minutes in a row before it alarms. */
  minutes: number
  /** Said in the email. */
  means: string
}

/** Every alarm, by the last part of its name. */
export function alarms({ names, loadBalancer, targetGroup, tables }: Watched): Record<string, Watch> {
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
      minutes: 5,
      means: 'A task fails its health check.',
    },
    'backend-errors': {
      metric: targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, everyMinute),
      atLeast: 5,
      minutes: 3,
      means: 'The backend answers with errors (5xx).',
    },
    'load-balancer-errors': {
      metric: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, everyMinute),
      atLeast: 5,
      minutes: 3,
      means: 'The load balancer cannot reach the backend (5xx).',
    },
    'slow-responses': {
      metric: targetGroup.metrics.targetResponseTime({ ...everyMinute, statistic: 'p95' }),
      atLeast: 1,
      minutes: 5,
      means: 'One request in twenty takes a second or longer.',
    },
    'cpu-high': {
      metric: serviceMetric(names, ['AWS/ECS', 'CPUUtilization']),
      atLeast: 80,
      minutes: 5,
      means: 'The tasks use 80 % of their CPU or more.',
    },
    'memory-high': {
      metric: serviceMetric(names, ['AWS/ECS', 'MemoryUtilization']),
      atLeast: 80,
      minutes: 5,
      means: 'The tasks use 80 % of their memory or more.',
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

export function alarmProps(watch: Watch): AlarmProps {
  const bound =
    'below' in watch
      ? {
          threshold: watch.below,
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          treatMissingData: TreatMissingData.BREACHING,
        }
      : {
          threshold: watch.atLeast,
          comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          treatMissingData: TreatMissingData.NOT_BREACHING,
        }
  return { metric: watch.metric, ...bound, evaluationPeriods: watch.minutes, alarmDescription: watch.means }
}
