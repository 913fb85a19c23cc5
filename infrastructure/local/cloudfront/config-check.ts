import { AwsError } from '../gateway/room.ts'
import type { Behavior, DistributionConfig } from './config.ts'
import type { CloudFrontModel } from './model.ts'
import { allViewerExceptHost } from './policies.ts'
import { noVpcOrigin } from './vpc-origin.ts'

/**
 * Refuses what CloudFront refuses, and what this one cannot do: better when the distribution is created than silently
 * when a viewer comes.
 * @param own id of the distribution that has it already
 */
export function checkConfig(config: DistributionConfig, model: CloudFrontModel, own?: string): void {
  checkAliases(config, model, own)
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
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-requirements */
function checkAliases({ Aliases = [], ViewerCertificate }: DistributionConfig, model: CloudFrontModel, id = ''): void {
  if (Aliases.length === 0) return
  if (!ViewerCertificate?.AcmCertificateArn?.startsWith('arn:aws:acm:us-east-1:')) {
    throw new AwsError(
      'InvalidViewerCertificate',
      'To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.',
    )
  }
  const others = [...model.distributions.values()].filter((each) => each.id !== id)
  if (others.some(({ config }) => config.Aliases?.some((alias) => Aliases.includes(alias)))) {
    const fact = 'One or more of the CNAMEs you provided are already associated with a different resource.'
    throw new AwsError('CNAMEAlreadyExists', fact, 409)
  }
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
  if (OriginRequestPolicyId && OriginRequestPolicyId !== allViewerExceptHost) {
    throw unsupported(`origin request policy but Managed-AllViewerExceptHostHeader, not ${OriginRequestPolicyId}`)
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
}

function unsupported(what: string): AwsError {
  return new AwsError('InvalidArgument', `the local AWS has no ${what}`)
}
