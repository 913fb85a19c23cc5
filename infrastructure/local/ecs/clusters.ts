import { AwsError } from '../gateway/room.ts'
import { invalidParameter } from './errors.ts'
import type { Cluster } from './model.ts'
import { arn } from './names.ts'
import type { Records } from './records.ts'

/** The active cluster of that name, or a new one: creating one is idempotent, as CreateCluster is. */
export function createCluster(records: Records, name: string): Cluster {
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw invalidParameter('Invalid cluster name.')
  const existing = records.findCluster(name)
  if (existing?.status === 'ACTIVE') return existing
  const cluster: Cluster = {
    arn: arn('cluster', name),
    name,
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

function servicesOf(records: Records, cluster: Cluster) {
  return records.services().filter((service) => service.cluster === cluster && service.status !== 'INACTIVE')
}

function tasksOf(records: Records, cluster: Cluster) {
  return records.tasks().filter((task) => task.cluster === cluster && task.lastStatus !== 'STOPPED')
}
