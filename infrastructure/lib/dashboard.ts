import { GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { serviceMetric, siteMetric, throttledRequests, type Watched } from './metrics.ts'

/** Tasks, backend, site; a row each. */
export function dashboardRows({ names, loadBalancer, targetGroup, distribution, tables }: Watched): GraphWidget[][] {
  return [
    [
      graph('Tasks', [targetGroup.metrics.healthyHostCount(), targetGroup.metrics.unhealthyHostCount()]),
      graph('CPU and memory, %', [serviceMetric(names, 'CPUUtilization'), serviceMetric(names, 'MemoryUtilization')]),
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
      graph('Requests to the site', [siteMetric(distribution, 'Requests', 'Sum')]),
      graph('Errors of the site, %', [
        siteMetric(distribution, '4xxErrorRate', 'Average'),
        siteMetric(distribution, '5xxErrorRate', 'Average'),
      ]),
      graph(
        'Throttled by DynamoDB',
        Object.entries(tables).map(([name, table]) => throttledRequests(name, table)),
      ),
    ],
  ]
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8 })
}
