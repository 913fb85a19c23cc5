import { randomInt } from 'node:crypto'
import type { ResourceRequest, ResourceState, ResourceType, ResourceTypes } from '../cloudformation/resource-type.ts'
import { AwsError } from '../gateway/room.ts'
import { region } from '../settings.ts'
import { type Attribute, loadBalancerDefaults, withAttributes } from './attributes.ts'
import { deleteListener, listenerType, ruleType } from './listener-types.ts'
import {
  elbArn,
  generatedName,
  hostedZoneId,
  type LoadBalancer,
  loadBalancerOf,
  type ElbModel,
  newId,
  requireFreeName,
} from './model.ts'
import type { Registrations } from './registrations.ts'
import { targetGroupType } from './target-group-type.ts'

/** What a load balancer has of this machine: its data plane, and the bucket of its access logs. */
interface LoadBalancerServers {
  /** Resolves with its loopback port filled in. */
  start(loadBalancer: Omit<LoadBalancer, 'port' | 'dnsName'>): Promise<LoadBalancer>
  stop(loadBalancerArn: string): Promise<void>
  /** Fails where it may not write access logs that its attributes ask for. */
  tryAccessLogs(attributes: Record<string, string>): Promise<void>
}

export function createResourceTypes(
  model: ElbModel,
  registrations: Registrations,
  servers: LoadBalancerServers,
): ResourceTypes {
  return {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancerType(model, servers),
    'AWS::ElasticLoadBalancingV2::TargetGroup': targetGroupType(model, registrations),
    'AWS::ElasticLoadBalancingV2::Listener': listenerType(model),
    'AWS::ElasticLoadBalancingV2::ListenerRule': ruleType(model),
  }
}

interface LoadBalancerProperties {
  LoadBalancerAttributes?: Attribute[]
  Name?: string
  Scheme?: string
  Type?: string
}

function loadBalancerType(model: ElbModel, servers: LoadBalancerServers): ResourceType {
  return {
    knows: ['LoadBalancerAttributes', 'Name', 'Scheme', 'SecurityGroups', 'Subnets', 'Tags', 'Type'],
    nameProperty: 'Name',
    replacedBy: ['Name', 'Scheme', 'Type'],
    async create(request) {
      const { Type = 'application', Name, Scheme } = request.properties as LoadBalancerProperties
      if (Type !== 'application') {
        throw new AwsError('ValidationError', `the local AWS has no load balancers of type '${Type}'`)
      }
      const name = Name ?? generatedName(request)
      requireFreeName(model.loadBalancers, name, 'DuplicateLoadBalancerName', 'load balancer')
      const fullName = `app/${name}/${newId()}`
      const attributes = attributesOf(request)
      await servers.tryAccessLogs(attributes)
      const started = await servers.start({
        arn: elbArn(`loadbalancer/${fullName}`),
        name,
        fullName,
        attributes,
      })
      const loadBalancer = Scheme === 'internal' ? Object.assign(started, { dnsName: internalName(name) }) : started
      model.loadBalancers.set(loadBalancer.arn, loadBalancer)
      return stateOf(loadBalancer)
    },
    async update(request, { physicalId }) {
      const attributes = attributesOf(request)
      await servers.tryAccessLogs(attributes)
      return stateOf(Object.assign(loadBalancerOf(model, physicalId), { attributes }))
    },
    async delete({ physicalId }) {
      const loadBalancer = model.loadBalancers.get(physicalId)
      if (!loadBalancer) return
      if (loadBalancer.attributes['deletion_protection.enabled'] === 'true') {
        const message = `Load balancer '${physicalId}' cannot be deleted because deletion protection is enabled`
        throw new AwsError('OperationNotPermitted', message)
      }
      // its listeners and their rules go with it, as on AWS
      for (const listener of model.listeners.values()) {
        if (listener.loadBalancerArn === physicalId) deleteListener(model, listener.arn)
      }
      model.loadBalancers.delete(physicalId)
      await servers.stop(physicalId)
    },
  }
}

function attributesOf({ properties }: ResourceRequest): Record<string, string> {
  const { LoadBalancerAttributes } = properties as LoadBalancerProperties
  return withAttributes(loadBalancerDefaults, LoadBalancerAttributes)
}

/** No name server knows a name that ends like this: https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
function internalName(name: string): string {
  return `internal-${name}-${randomInt(1e9, 2e9)}.${region}.elb.invalid`
}

function stateOf({ arn, name, fullName, dnsName }: LoadBalancer): ResourceState {
  return {
    physicalId: arn,
    attributes: {
      LoadBalancerArn: arn,
      LoadBalancerName: name,
      LoadBalancerFullName: fullName,
      DNSName: dnsName,
      CanonicalHostedZoneID: hostedZoneId,
    },
  }
}
