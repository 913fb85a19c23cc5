import { randomBytes } from 'node:crypto'
import type { ResourceRequest } from '../cloudformation/resource-type.ts'
import { AwsError } from '../gateway/room.ts'
import { account, region } from '../settings.ts'

/** Everything that the room knows, as AWS's resources; what moves (targets, sockets) lives elsewhere. */
export interface ElbModel {
  loadBalancers: Map<string, LoadBalancer>
  targetGroups: Map<string, TargetGroup>
  listeners: Map<string, Listener>
  rules: Map<string, ListenerRule>
}

export interface LoadBalancer {
  arn: string
  name: string
  /** `app/<name>/<id>` */
  fullName: string
  port: number
  /** `127.0.0.1:<port>`; that of an internal one leads nowhere, as outside its VPC. */
  dnsName: string
  attributes: Record<string, string>
}

export interface TargetGroup {
  arn: string
  name: string
  /** `targetgroup/<name>/<id>` */
  fullName: string
  port: number
  /** `ip`, or `instance`, which is AWS's default and takes no task of Fargate. */
  targetType: string
  healthCheck: HealthCheck
  attributes: Record<string, string>
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export interface HealthCheck {
  path: string
  intervalSeconds: number
  timeoutSeconds: number
  healthyThreshold: number
  unhealthyThreshold: number
  /** `200`, `200,202` or `200-299`. */
  matcher: string
}

export interface Listener {
  arn: string
  loadBalancerArn: string
  port: number
  defaultActions: ListenerAction[]
}

export interface ListenerRule {
  arn: string
  listenerArn: string
  priority: number
  conditions: Condition[]
  actions: ListenerAction[]
}

/** As the template writes it. */
export interface ListenerAction {
  Type: string
  TargetGroupArn?: string
  FixedResponseConfig?: { StatusCode: string; ContentType?: string; MessageBody?: string }
}

export interface Condition {
  Field: string
  Values?: string[]
  PathPatternConfig?: { Values?: string[] }
  HttpHeaderConfig?: { HttpHeaderName?: string; Values?: string[] }
}

export function createModel(): ElbModel {
  return { loadBalancers: new Map(), targetGroups: new Map(), listeners: new Map(), rules: new Map() }
}

/** Codes of what is not found: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html, each action's page. */
export function targetGroupOf(model: ElbModel, arn: string): TargetGroup {
  const found = model.targetGroups.get(arn)
  if (!found) throw new AwsError('TargetGroupNotFound', `Target groups '${arn}' not found`)
  return found
}

export function loadBalancerOf(model: ElbModel, arn: string): LoadBalancer {
  const found = model.loadBalancers.get(arn)
  if (!found) throw new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`)
  return found
}

export function listenerOf(model: ElbModel, arn: string): Listener {
  const found = model.listeners.get(arn)
  if (!found) throw new AwsError('ListenerNotFound', 'One or more listeners not found')
  return found
}

/** ARNs of the load balancers that send traffic to a target group. */
export function loadBalancersUsing(model: ElbModel, targetGroupArn: string): string[] {
  const uses = (actions: ListenerAction[]) => actions.some((action) => action.TargetGroupArn === targetGroupArn)
  const rules = [...model.rules.values()].filter(({ actions }) => uses(actions))
  const listeners = [...model.listeners.values()].filter(
    ({ arn, defaultActions }) => uses(defaultActions) || rules.some(({ listenerArn }) => listenerArn === arn),
  )
  return [...new Set(listeners.map(({ loadBalancerArn }) => loadBalancerArn))]
}

export function elbArn(resource: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${account}:${resource}`
}

export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** The name that CloudFormation makes up when the template has none: `LiveQu-LoadB-1A2B3C4D5E6F`. */
export function generatedName({ stackName, logicalId }: ResourceRequest): string {
  return `${stackName.slice(0, 6)}-${logicalId.slice(0, 5)}-${randomBytes(6).toString('hex').toUpperCase()}`
}

/** us-east-1's: https://docs.aws.amazon.com/general/latest/gr/elb.html */
export const hostedZoneId = 'Z35SXDOTRQ7X7K'

/** A number of a template: a parameter's value arrives as text. */
export type Numeric = number | string

export function requireFreeName(
  resources: Map<string, { name: string }>,
  name: string,
  code: string,
  kind: string,
): void {
  if (![...resources.values()].some((resource) => resource.name === name)) return
  throw new AwsError(code, `A ${kind} with the same name '${name}' exists, but with different settings`)
}
