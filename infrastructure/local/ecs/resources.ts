import { physicalName } from '../cloudformation/physical-name.ts'
import type { ResourceState, ResourceTypes } from '../cloudformation/resource-type.ts'
import { createCluster, deleteCluster } from './clusters.ts'
import type { Cluster } from './model.ts'
import type { Records } from './records.ts'

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-cluster.html
 * Deleting a cluster with a live service is refused, as on AWS.
 */
export function resourceTypes(records: Records): ResourceTypes {
  return {
    'AWS::ECS::Cluster': {
      knows: ['ClusterName', 'ClusterSettings', 'Tags'],
      nameProperty: 'ClusterName',
      replacedBy: ['ClusterName'],
      async create(request) {
        const { ClusterName } = request.properties as { ClusterName?: string }
        return stateOf(createCluster(records, ClusterName ?? physicalName(request, 255)))
      },
      async update(_, { physicalId }) {
        return stateOf(records.cluster(physicalId))
      },
      async delete(current) {
        const cluster = records.findCluster(current.physicalId)
        if (cluster?.status === 'ACTIVE') deleteCluster(records, cluster)
      },
    },
  }
}

function stateOf({ name, arn }: Cluster): ResourceState {
  return { physicalId: name, attributes: { Arn: arn } }
}
