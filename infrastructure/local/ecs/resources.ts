import { physicalName } from '../cloudformation/physical-name.ts'
import type { ResourceRequest, ResourceState, ResourceTypes } from '../cloudformation/resource-type.ts'
import { createCluster, deleteCluster } from './clusters.ts'
import type { Cluster } from './model.ts'
import type { Records } from './records.ts'

interface ClusterProperties {
  ClusterName?: string
  ClusterSettings?: { Name?: string; Value?: string }[]
  CapacityProviders?: string[]
  DefaultCapacityProviderStrategy?: Strategy[]
  /** Of AWS::ECS::ClusterCapacityProviderAssociations. */
  Cluster?: string
}

interface Strategy {
  CapacityProvider?: string
  Weight?: number
  Base?: number
}

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-cluster.html
 * Deleting a cluster with a live service is refused, as on AWS.
 */
export function resourceTypes(records: Records): ResourceTypes {
  return {
    'AWS::ECS::Cluster': {
      nameProperty: 'ClusterName',
      replacedBy: ['ClusterName'],
      async create(request) {
        const { ClusterName } = request.properties as ClusterProperties
        return apply(createCluster(records, ClusterName ?? physicalName(request, 255), {}), request)
      },
      async update(request, current) {
        return apply(records.cluster(current.physicalId), request)
      },
      async delete(current) {
        const cluster = records.findCluster(current.physicalId)
        if (cluster?.status === 'ACTIVE') deleteCluster(records, cluster)
      },
    },
    'AWS::ECS::ClusterCapacityProviderAssociations': {
      replacedBy: ['Cluster'],
      create: async ({ properties }) => associate(properties),
      update: async ({ properties }) => associate(properties),
      async delete(current) {
        const cluster = records.findCluster(current.physicalId)
        if (cluster) Object.assign(cluster, { capacityProviders: [], defaultCapacityProviderStrategy: [] })
      },
    },
  }

  function associate(properties: ClusterProperties): ResourceState {
    const cluster = records.cluster(properties.Cluster)
    setCapacity(cluster, properties)
    return { physicalId: cluster.name, attributes: {} }
  }
}

function apply(cluster: Cluster, { properties, tags }: ResourceRequest): ResourceState {
  const { ClusterSettings, ...rest } = properties as ClusterProperties
  cluster.tags = Object.entries(tags).map(([key, value]) => ({ key, value }))
  if (ClusterSettings) cluster.settings = ClusterSettings.map(({ Name, Value }) => ({ name: Name, value: Value }))
  // left alone when the template has the association as a resource of its own
  if (rest.CapacityProviders) setCapacity(cluster, rest)
  return { physicalId: cluster.name, attributes: { Arn: cluster.arn } }
}

function setCapacity(
  cluster: Cluster,
  { CapacityProviders, DefaultCapacityProviderStrategy }: ClusterProperties,
): void {
  cluster.capacityProviders = CapacityProviders ?? []
  cluster.defaultCapacityProviderStrategy = (DefaultCapacityProviderStrategy ?? []).map(
    ({ CapacityProvider, Weight = 0, Base = 0 }) => ({
      capacityProvider: CapacityProvider,
      weight: Weight,
      base: Base,
    }),
  )
}
