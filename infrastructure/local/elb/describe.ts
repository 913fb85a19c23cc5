import type { Action, Input } from '../gateway/room.ts'
import { AwsError } from '../gateway/room.ts'
import { attributeList } from './attributes.ts'
import { hostedZoneId, listenerOf, loadBalancerOf, loadBalancersUsing, targetGroupOf } from './model.ts'
import type { Listener, LoadBalancer, Model, TargetGroup } from './model.ts'
import type { Registrations } from './registrations.ts'
import type { Target, TargetHealth } from './targets.ts'

/** The ELBv2 API, as far as the toolkit, cdk and the documents call it. */
export function createActions(model: Model, registrations: Registrations): Record<string, Action> {
  return {
    DescribeLoadBalancers(input) {
      const arns = stringsIn(input, 'LoadBalancerArns')
      const names = stringsIn(input, 'Names')
      const unknown = names?.filter((name) => !named(model.loadBalancers, name))
      if (unknown?.length) {
        throw new AwsError('LoadBalancerNotFound', `Load balancers '[${unknown.join(', ')}]' not found`)
      }
      if (arns?.some((arn) => !model.loadBalancers.has(arn))) {
        throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found')
      }
      const chosen = chosenFrom(model.loadBalancers, arns, names)
      return { LoadBalancers: chosen.map((each) => describeLoadBalancer(model, each)) }
    },

    DescribeTargetGroups(input) {
      const arns = stringsIn(input, 'TargetGroupArns')
      const names = stringsIn(input, 'Names')
      const known = names?.every((name) => named(model.targetGroups, name)) ?? true
      if (!known || arns?.some((arn) => !model.targetGroups.has(arn))) {
        throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
      }
      const user = input['LoadBalancerArn']
      const chosen = chosenFrom(model.targetGroups, arns, names).filter(
        ({ arn }) => typeof user !== 'string' || loadBalancersUsing(model, arn).includes(user),
      )
      return { TargetGroups: chosen.map((each) => describeTargetGroup(model, each)) }
    },

    DescribeTargetHealth(input) {
      const targetGroup = targetGroupOf(model, required(input, 'TargetGroupArn'))
      const all = registrations.health(targetGroup.arn)
      const asked = targetsIn(input, targetGroup)
      const found = asked.map((target) => all.find((each) => isSame(each, target)) ?? absent(target))
      const shown = asked.length > 0 ? found : all
      return { TargetHealthDescriptions: shown.map((each) => describeHealth(targetGroup, each)) }
    },

    DescribeListeners(input) {
      const arns = stringsIn(input, 'ListenerArns')
      const listeners = arns
        ? arns.map((arn) => listenerOf(model, arn))
        : listenersOn(model, loadBalancerOf(model, required(input, 'LoadBalancerArn')))
      return { Listeners: listeners.map(describeListener) }
    },

    DescribeTags(input) {
      const arns = stringsIn(input, 'ResourceArns') ?? []
      return { TagDescriptions: arns.map((arn) => ({ ResourceArn: arn, Tags: attributeList(tagsOf(model, arn)) })) }
    },

    RegisterTargets(input) {
      const targetGroup = targetGroupOf(model, required(input, 'TargetGroupArn'))
      for (const target of targetsIn(input, targetGroup)) registrations.register(targetGroup.arn, target)
    },

    DeregisterTargets(input) {
      const targetGroup = targetGroupOf(model, required(input, 'TargetGroupArn'))
      // the answer does not wait for the targets to be drained
      for (const target of targetsIn(input, targetGroup)) void registrations.deregister(targetGroup.arn, target)
    },
  }
}

function required(input: Input, name: string): string {
  const value = input[name]
  if (typeof value !== 'string' || value === '') {
    throw new AwsError('ValidationError', `1 validation error detected: '${name}' must not be null`)
  }
  return value
}

function stringsIn(input: Input, name: string): string[] | undefined {
  const value = input[name]
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined
}

function targetsIn(input: Input, { port }: TargetGroup): Target[] {
  const list = (input['Targets'] ?? []) as { Id: string; Port?: string }[]
  return list.map((target) => ({ id: target.Id, port: Number(target.Port ?? port) }))
}

function named<T extends { name: string }>(resources: Map<string, T>, name: string): T | undefined {
  return [...resources.values()].find((resource) => resource.name === name)
}

function chosenFrom<T extends { arn: string; name: string }>(
  resources: Map<string, T>,
  arns: string[] | undefined,
  names: string[] | undefined,
): T[] {
  const all = [...resources.values()]
  if (arns) return all.filter(({ arn }) => arns.includes(arn))
  return names ? all.filter(({ name }) => names.includes(name)) : all
}

function listenersOn(model: Model, loadBalancer: LoadBalancer): Listener[] {
  return [...model.listeners.values()].filter(({ loadBalancerArn }) => loadBalancerArn === loadBalancer.arn)
}

/** Its zones' names are left out: they are the subnets', which are moto's. */
function describeLoadBalancer(model: Model, loadBalancer: LoadBalancer) {
  const groups = [...model.targetGroups.values()]
  const vpcId = groups.find(({ arn }) => loadBalancersUsing(model, arn).includes(loadBalancer.arn))?.vpcId
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: `127.0.0.1:${loadBalancer.port}`,
    CanonicalHostedZoneId: hostedZoneId,
    CreatedTime: loadBalancer.createdTime,
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: vpcId,
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: loadBalancer.subnets.map((SubnetId) => ({ SubnetId, LoadBalancerAddresses: [] })),
    SecurityGroups: loadBalancer.securityGroups,
    IpAddressType: loadBalancer.ipAddressType,
  }
}

function describeTargetGroup(model: Model, targetGroup: TargetGroup) {
  const { healthCheck } = targetGroup
  return {
    TargetGroupArn: targetGroup.arn,
    TargetGroupName: targetGroup.name,
    Protocol: targetGroup.protocol,
    Port: targetGroup.port,
    VpcId: targetGroup.vpcId,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: healthCheck.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    HealthCheckPath: healthCheck.path,
    Matcher: { HttpCode: healthCheck.matcher },
    LoadBalancerArns: loadBalancersUsing(model, targetGroup.arn),
    TargetType: targetGroup.targetType,
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  }
}

function describeHealth({ healthCheck }: TargetGroup, { id, port, state, reason, description }: TargetHealth) {
  return {
    Target: { Id: id, Port: port },
    HealthCheckPort: healthCheck.port === 'traffic-port' ? port : healthCheck.port,
    TargetHealth: { State: state, Reason: reason, Description: description },
  }
}

function absent(target: Target): TargetHealth {
  const description = 'Target is not registered to the target group'
  return { ...target, state: 'unused', reason: 'Target.NotRegistered', description }
}

function isSame(one: Target, other: Target): boolean {
  return one.id === other.id && one.port === other.port
}

function describeListener({ arn, loadBalancerArn, port, protocol, defaultActions }: Listener) {
  return {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancerArn,
    Port: port,
    Protocol: protocol,
    DefaultActions: defaultActions,
  }
}

function tagsOf(model: Model, arn: string): Record<string, string> {
  if (arn.includes(':targetgroup/')) return targetGroupOf(model, arn).tags
  if (arn.includes(':listener-rule/')) return model.rules.get(arn)?.tags ?? {}
  return arn.includes(':listener/') ? listenerOf(model, arn).tags : loadBalancerOf(model, arn).tags
}
