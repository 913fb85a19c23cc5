import { type Action, AwsError } from '../gateway/room.ts'
import { invalidParameter } from './errors.ts'
import type { Cluster } from './model.ts'
import { arn, nameIn } from './names.ts'
import type { Records } from './records.ts'

/** The active cluster of that name, or a new one: creating one is idempotent, as CreateCluster is. */
export function createCluster(records: Records, name: string): Cluster {
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw invalidParameter('Invalid cluster name.')
  const existing = records.findCluster(name)
  if (existing?.status === 'ACTIVE') return existing
  const cluster: Cluster = {
    arn: arn('cluster', name),
    name,
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    tags: [],
    status: 'ACTIVE',
  }
  records.addCluster(cluster)
  return cluster
}

/** @throws AwsError when a service or a task still lives in it */
export function deleteCluster(records: Records, cluster: Cluster): void {
  if (servicesOf(records, cluster).length > 0) {
    throw new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
  }
  if (tasksOf(records, cluster).length > 0) {
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.')
  }
  cluster.status = 'INACTIVE'
}

export function clusterActions(records: Records): Record<string, Action> {
  return {
    DescribeClusters(input) {
      const { clusters = ['default'], include = [] } = input as { clusters?: string[]; include?: string[] }
      const found = clusters.map((name) => ({ name, cluster: records.findCluster(name) }))
      return {
        clusters: found.flatMap(({ cluster }) =>
          cluster ? describeCluster(records, cluster, include.includes('TAGS')) : [],
        ),
        failures: found.flatMap(({ name, cluster }) =>
          cluster ? [] : { arn: arn('cluster', nameIn(name)), reason: 'MISSING' },
        ),
      }
    },
  }
}

function describeCluster(records: Records, cluster: Cluster, withTags: boolean) {
  const tasks = tasksOf(records, cluster)
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter(({ startedAt }) => !startedAt).length,
    activeServicesCount: servicesOf(records, cluster).length,
    statistics: [],
    tags: withTags ? cluster.tags : [],
    settings: cluster.settings,
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  }
}

function servicesOf(records: Records, cluster: Cluster) {
  return records.services().filter((service) => service.cluster === cluster && service.status !== 'INACTIVE')
}

function tasksOf(records: Records, cluster: Cluster) {
  return records.tasks().filter((task) => task.cluster === cluster && task.lastStatus !== 'STOPPED')
}
