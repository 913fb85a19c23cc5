import type { Stack } from '@aws-sdk/client-cloudformation'
import type { Place, Target } from '../environment/target.mts'
import type { Settings } from '../environment/keys.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { isPrivate, outputsOf, type StackOutputs } from './stack.mts'

/**
 * Why LOAD_BALANCER is not what is deployed; undefined when it is. A load balancer's scheme cannot change, and
 * CloudFormation refuses to replace one that has a name. Tasks, target group and CDN would be cut off if it did.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
 */
export function schemeConflictFailure(
  { environment }: Pick<Place, 'environment'>,
  { LOAD_BALANCER: wanted }: Pick<Settings, 'LOAD_BALANCER'>,
  outputs: Pick<StackOutputs, 'LoadBalancerDnsName'>,
): Failure | undefined {
  const deployed = isPrivate(outputs) ? 'private' : 'public'
  if (wanted === deployed) return undefined
  return new Failure(
    `LOAD_BALANCER=${wanted}, but ${environment} was created with a ${deployed} load balancer, and that cannot be changed`,
    `set LOAD_BALANCER=${deployed} in env/.env.${environment}; or delete the environment with all its data and create it again: ${invocation('destroy', environment, '--data')}`,
  )
}

/** Fails, before anything is changed, when LOAD_BALANCER is not what the stack was created with. */
export function requireSameScheme(target: Pick<Target, 'environment' | 'settings'>, stack: Stack | undefined): void {
  const { LoadBalancerDnsName } = outputsOf(stack)
  if (typeof LoadBalancerDnsName !== 'string') return
  const conflict = schemeConflictFailure(target, target.settings, { LoadBalancerDnsName })
  if (conflict) throw conflict
}
