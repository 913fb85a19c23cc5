import { AwsError } from '../gateway/room.ts'
import type { Action } from '../gateway/room.ts'
import { clusterNotFound, invalidParameter } from './errors.ts'
import { arn, nameIn } from './names.ts'
import type { Cluster, Tag } from './model.ts'
import type { Records } from './records.ts'

export interface ClusterSettings {
  settings?: unknown[]
  capacityProviders?: string[]
  defaultCapacityProviderStrategy?: unknown[]
  tags?: Tag[]
}

interface ClusterInput extends ClusterSettings {
  cluster?: string
  clusterName?: string
  clusters?: string[]
  include?: string[]
}

/** A cluster of that name: the active one that there is, or a new one. CreateCluster is idempotent. */
export function createCluster(records: Records, name: string, settings: ClusterSettings): Cluster {
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw invalidParameter('Invalid cluster name.')
  const existing = records.findCluster(name)
  if (existing?.status === 'ACTIVE') return existing
  const cluster: Cluster = {
    arn: arn('cluster', name),
    name,
    settings: settings.settings ?? [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: settings.capacityProviders ?? [],
    defaultCapacityProviderStrategy: settings.defaultCapacityProviderStrategy ?? [],
    tags: settings.tags ?? [],
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
    CreateCluster(input) {
      const { clusterName = 'default', ...settings } = input as ClusterInput
      return { cluster: describe(createCluster(records, clusterName, settings), true) }
    },
    DescribeClusters(input) {
      const { clusters = ['default'], include = [] } = input as ClusterInput
      const found = clusters.map((name) => ({ name, cluster: records.findCluster(name) }))
      return {
        clusters: found.flatMap(({ cluster }) => (cluster ? describe(cluster, include.includes('TAGS')) : [])),
        failures: found.flatMap(({ name, cluster }) =>
          cluster ? [] : { arn: arn('cluster', nameIn(name)), reason: 'MISSING' },
        ),
      }
    },
    ListClusters() {
      return {
        clusterArns: records
          .clusters()
          .filter(({ status }) => status === 'ACTIVE')
          .map((cluster) => cluster.arn),
      }
    },
    DeleteCluster(input) {
      const cluster = records.findCluster(String(input['cluster']))
      if (!cluster) throw clusterNotFound()
      deleteCluster(records, cluster)
      return { cluster: describe(cluster, false) }
    },
    PutClusterCapacityProviders(input) {
      const { cluster: name, capacityProviders, defaultCapacityProviderStrategy } = input as ClusterInput
      const cluster = records.cluster(name)
      cluster.capacityProviders = capacityProviders ?? []
      cluster.defaultCapacityProviderStrategy = defaultCapacityProviderStrategy ?? []
      return { cluster: describe(cluster, false) }
    },
  }

  function describe(cluster: Cluster, withTags: boolean) {
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
      capacityProviders: cluster.capacityProviders,
      defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
    }
  }
}

function servicesOf(records: Records, cluster: Cluster) {
  return records.services().filter((service) => service.cluster === cluster && service.status !== 'INACTIVE')
}

function tasksOf(records: Records, cluster: Cluster) {
  return records.tasks().filter((task) => task.cluster === cluster && task.lastStatus !== 'STOPPED')
}
