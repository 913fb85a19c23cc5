import { physicalName } from '../cloudformation/physical-name.ts'
import type { ResourceRequest, ResourceState, ResourceTypes } from '../cloudformation/resource-type.ts'
import { AwsError } from '../gateway/room.ts'
import { createCluster, deleteCluster } from './clusters.ts'
import type { Cluster } from './model.ts'
import type { Records } from './records.ts'

interface ClusterProperties {
  ClusterName?: string
  CapacityProviders?: string[]
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
        return configure(createCluster(records, ClusterName ?? physicalName(request, 255)), request)
      },
      async update(request, current) {
        return configure(records.cluster(current.physicalId), request)
      },
      async delete(current) {
        const cluster = records.findCluster(current.physicalId)
        if (cluster?.status === 'ACTIVE') deleteCluster(records, cluster)
      },
    },
  }
}

function configure(cluster: Cluster, { properties }: ResourceRequest): ResourceState {
  const { CapacityProviders } = properties as ClusterProperties
  if (CapacityProviders) throw new AwsError('InvalidParameterException', 'the local AWS has no capacity providers')
  return { physicalId: cluster.name, attributes: { Arn: cluster.arn } }
}
