import { AwsError } from '../gateway/room.ts'
import type { Behavior, DistributionConfig } from './config.ts'
import type { CloudFrontModel } from './model.ts'
import { noVpcOrigin } from './vpc-origin.ts'

/**
 * Refuses what CloudFront refuses, and what this one cannot do: better when the distribution is created than silently
 * when a viewer comes.
 */
export function checkConfig(config: DistributionConfig, model: CloudFrontModel): void {
  for (const behavior of [config.DefaultCacheBehavior, ...(config.CacheBehaviors ?? [])]) {
    checkBehavior(behavior, config, model)
  }
  for (const { VpcOriginConfig: inVpc } of config.Origins) {
    if (inVpc && !model.vpcOrigins.has(inVpc.VpcOriginId)) throw noVpcOrigin()
  }
  for (const { OriginAccessControlId: id } of config.Origins) {
    if (id && !model.originAccessControls.has(id)) {
      throw new AwsError('NoSuchOriginAccessControl', 'The specified origin access control does not exist.', 404)
    }
  }
  if (config.CustomErrorResponses?.length) throw unsupported('custom error responses')
  if (config.OriginGroups?.Quantity) throw unsupported('origin groups')
}

function checkBehavior(behavior: Behavior, { Origins }: DistributionConfig, model: CloudFrontModel): void {
  const { CachePolicyId, OriginRequestPolicyId, ResponseHeadersPolicyId } = behavior
  if (!Origins.some(({ Id }) => Id === behavior.TargetOriginId)) {
    throw new AwsError('NoSuchOrigin', 'One or more of your origins or origin groups do not exist.', 404)
  }
  if (!CachePolicyId) throw unsupported('behaviors without a cache policy')
  if (!model.cachePolicies.has(CachePolicyId)) {
    throw new AwsError('NoSuchCachePolicy', 'The specified cache policy does not exist.', 404)
  }
  if (OriginRequestPolicyId && !model.originRequestPolicies.has(OriginRequestPolicyId)) {
    throw new AwsError('NoSuchOriginRequestPolicy', 'The specified origin request policy does not exist.', 404)
  }
  if (ResponseHeadersPolicyId && !model.responseHeadersPolicies.has(ResponseHeadersPolicyId)) {
    throw new AwsError('NoSuchResponseHeadersPolicy', 'The specified response headers policy does not exist.', 404)
  }
  for (const { EventType, FunctionARN } of behavior.FunctionAssociations ?? []) {
    if (EventType !== 'viewer-request') throw unsupported(`functions on ${EventType}`)
    if (!model.functions.get(FunctionARN)?.liveCode) {
      throw new AwsError('InvalidFunctionAssociation', `The function ${FunctionARN} is not published.`)
    }
  }
  if (behavior.LambdaFunctionAssociations?.length) throw unsupported('Lambda@Edge')
  if (behavior.TrustedKeyGroups?.length || behavior.TrustedSigners?.length) throw unsupported('signed URLs')
}

function unsupported(what: string): AwsError {
  return new AwsError('InvalidArgument', `the local AWS has no ${what}`)
}
