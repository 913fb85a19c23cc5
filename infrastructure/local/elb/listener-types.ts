import type { ResourceRequest, ResourceState, ResourceType } from '../cloudformation/resource-type.ts'
import { AwsError } from '../gateway/room.ts'
import {
  type Condition,
  elbArn,
  type Listener,
  type ListenerAction,
  listenerOf,
  loadBalancerOf,
  type ElbModel,
  newId,
  type Numeric,
  type ListenerRule,
  targetGroupOf,
} from './model.ts'
import { unsupported } from './rules.ts'

interface ListenerProperties {
  DefaultActions?: ListenerAction[]
  LoadBalancerArn?: string
  Port?: Numeric
  Protocol?: string
}

export function listenerType(model: ElbModel): ResourceType {
  const changeableParts = ({ properties }: ResourceRequest) => {
    const { Protocol = 'HTTP', Port = 80, DefaultActions = [] } = properties as ListenerProperties
    if (Protocol !== 'HTTP') throw new AwsError('UnsupportedProtocol', `the local AWS has no ${Protocol} listeners`)
    requireSupported(model, DefaultActions)
    return { port: Number(Port), defaultActions: DefaultActions }
  }
  return {
    knows: [...actionsIn('DefaultActions'), 'LoadBalancerArn', 'Port', 'Protocol'],
    replacedBy: ['LoadBalancerArn'],
    async create(request) {
      const { LoadBalancerArn = '' } = request.properties as ListenerProperties
      const loadBalancer = loadBalancerOf(model, LoadBalancerArn)
      const parts = changeableParts(request)
      for (const { loadBalancerArn, port } of model.listeners.values()) {
        if (loadBalancerArn === loadBalancer.arn && port === parts.port) {
          throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer')
        }
      }
      const arn = elbArn(`listener/${loadBalancer.fullName}/${newId()}`)
      const listener = { arn, loadBalancerArn: loadBalancer.arn, ...parts }
      model.listeners.set(arn, listener)
      return listenerState(listener)
    },
    async update(request, { physicalId }) {
      return listenerState(Object.assign(listenerOf(model, physicalId), changeableParts(request)))
    },
    async delete({ physicalId }) {
      deleteListener(model, physicalId)
    },
  }
}

function listenerState({ arn }: Listener): ResourceState {
  return { physicalId: arn, attributes: { ListenerArn: arn } }
}

interface RuleProperties {
  Actions?: ListenerAction[]
  Conditions?: Condition[]
  ListenerArn?: string
  Priority?: Numeric
}

export function ruleType(model: ElbModel): ResourceType {
  const changeableParts = ({ properties }: ResourceRequest) => {
    const { Actions = [], Conditions = [], Priority } = properties as RuleProperties
    requireSupported(model, Actions, Conditions)
    return { priority: Number(Priority), conditions: Conditions, actions: Actions }
  }
  return {
    knows: [
      ...actionsIn('Actions'),
      'Conditions.Field',
      'Conditions.HttpHeaderConfig.HttpHeaderName',
      'Conditions.HttpHeaderConfig.Values',
      'Conditions.PathPatternConfig.Values',
      'Conditions.Values',
      'ListenerArn',
      'Priority',
    ],
    replacedBy: ['ListenerArn'],
    async create(request) {
      const { ListenerArn = '' } = request.properties as RuleProperties
      const listener = listenerOf(model, ListenerArn)
      const parts = changeableParts(request)
      for (const { listenerArn, priority } of model.rules.values()) {
        if (listenerArn === listener.arn && priority === parts.priority) {
          throw new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`)
        }
      }
      const arn = `${listener.arn.replace(':listener/', ':listener-rule/')}/${newId()}`
      const rule = { arn, listenerArn: listener.arn, ...parts }
      model.rules.set(arn, rule)
      return ruleState(rule)
    },
    async update(request, { physicalId }) {
      const rule = model.rules.get(physicalId)
      if (!rule) throw new AwsError('RuleNotFound', 'One or more rules not found')
      return ruleState(Object.assign(rule, changeableParts(request)))
    },
    async delete({ physicalId }) {
      model.rules.delete(physicalId)
    },
  }
}

function ruleState({ arn }: ListenerRule): ResourceState {
  return { physicalId: arn, attributes: { RuleArn: arn, IsDefault: false } }
}

/** What `knows` says of a property that holds actions. */
function actionsIn(property: string): string[] {
  return ['FixedResponseConfig', 'TargetGroupArn', 'Type'].map((member) => `${property}.${member}`)
}

/** A listener's rules go with it. */
export function deleteListener(model: ElbModel, arn: string): void {
  model.listeners.delete(arn)
  for (const rule of model.rules.values()) if (rule.listenerArn === arn) model.rules.delete(rule.arn)
}

/** @throws AwsError for a target group that is not there, and for what this load balancer cannot do */
function requireSupported(model: ElbModel, actions: ListenerAction[], conditions: Condition[] = []): void {
  const missing = unsupported(actions, conditions)
  if (missing) throw new AwsError('ValidationError', `the local AWS has no ${missing}`)
  for (const { TargetGroupArn } of actions) if (TargetGroupArn) targetGroupOf(model, TargetGroupArn)
}
