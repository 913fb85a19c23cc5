import type { ResourceRequest, ResourceState, ResourceType } from '../cloudformation/resource-type.ts'
import { AwsError } from '../gateway/room.ts'
import { type Attribute, targetGroupDefaults, withAttributes } from './attributes.ts'
import {
  elbArn,
  generatedName,
  type HealthCheck,
  loadBalancersUsing,
  type ElbModel,
  newId,
  type Numeric,
  requireFreeName,
  type TargetGroup,
  targetGroupOf,
} from './model.ts'
import type { Registrations } from './registrations.ts'

interface TargetGroupProperties {
  HealthCheckIntervalSeconds?: Numeric
  HealthCheckPath?: string
  HealthCheckTimeoutSeconds?: Numeric
  HealthyThresholdCount?: Numeric
  Matcher?: { HttpCode?: string }
  Name?: string
  Port?: Numeric
  Protocol?: string
  TargetGroupAttributes?: Attribute[]
  TargetType?: string
  UnhealthyThresholdCount?: Numeric
}

export function targetGroupType(model: ElbModel, registrations: Registrations): ResourceType {
  return {
    knows: [
      'HealthCheckIntervalSeconds',
      'HealthCheckPath',
      'HealthCheckTimeoutSeconds',
      'HealthyThresholdCount',
      'Matcher.HttpCode',
      'Name',
      'Port',
      'Protocol',
      'Tags',
      'TargetGroupAttributes',
      'TargetType',
      'UnhealthyThresholdCount',
      'VpcId',
    ],
    nameProperty: 'Name',
    replacedBy: ['Name', 'Port', 'Protocol', 'TargetType', 'VpcId'],
    async create(request) {
      const properties = request.properties as TargetGroupProperties
      const { Port = 80, Protocol = 'HTTP', TargetType = 'instance' } = properties
      if (Protocol !== 'HTTP') throw new AwsError('ValidationError', `the local AWS has no ${Protocol} target groups`)
      const name = properties.Name ?? generatedName(request)
      requireFreeName(model.targetGroups, name, 'DuplicateTargetGroupName', 'target group')
      const fullName = `targetgroup/${name}/${newId()}`
      const targetGroup: TargetGroup = {
        arn: elbArn(fullName),
        name,
        fullName,
        port: Number(Port),
        targetType: TargetType,
        ...changeableParts(request),
      }
      model.targetGroups.set(targetGroup.arn, targetGroup)
      return stateOf(model, targetGroup)
    },
    async update(request, { physicalId }) {
      return stateOf(model, Object.assign(targetGroupOf(model, physicalId), changeableParts(request)))
    },
    async delete({ physicalId }) {
      if (loadBalancersUsing(model, physicalId).length > 0) {
        const message = `Target group '${physicalId}' is currently in use by a listener or a rule`
        throw new AwsError('ResourceInUse', message)
      }
      model.targetGroups.delete(physicalId)
      registrations.forget(physicalId)
    },
  }
}

function changeableParts(request: ResourceRequest) {
  const properties = request.properties as TargetGroupProperties
  return {
    healthCheck: healthCheckOf(properties),
    attributes: withAttributes(targetGroupDefaults, properties.TargetGroupAttributes),
  }
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html for the defaults */
function healthCheckOf(properties: TargetGroupProperties): HealthCheck {
  return {
    path: properties.HealthCheckPath ?? '/',
    intervalSeconds: Number(properties.HealthCheckIntervalSeconds ?? 30),
    timeoutSeconds: Number(properties.HealthCheckTimeoutSeconds ?? 5),
    healthyThreshold: Number(properties.HealthyThresholdCount ?? 5),
    unhealthyThreshold: Number(properties.UnhealthyThresholdCount ?? 2),
    matcher: properties.Matcher?.HttpCode ?? '200',
  }
}

function stateOf(model: ElbModel, { arn, name, fullName }: TargetGroup): ResourceState {
  return {
    physicalId: arn,
    attributes: {
      TargetGroupArn: arn,
      TargetGroupName: name,
      TargetGroupFullName: fullName,
      LoadBalancerArns: loadBalancersUsing(model, arn),
    },
  }
}
