import { randomBytes } from 'node:crypto'
import { AwsError } from '../gateway/room.ts'
import { account } from '../settings.ts'
import type { DistributionConfig } from './config.ts'
import type { CachePolicyConfig, ResponseHeadersPolicyConfig } from './policies.ts'

/** Everything that the room knows, as AWS's resources. */
export interface CloudFrontModel {
  distributions: Map<string, Distribution>
  originAccessControls: Map<string, OriginAccessControl>
  /** By ARN. */
  functions: Map<string, EdgeFunction>
  cachePolicies: Map<string, CachePolicyConfig>
  responseHeadersPolicies: Map<string, ResponseHeadersPolicyConfig>
  vpcOrigins: Map<string, VpcOrigin>
}

export interface Distribution {
  id: string
  arn: string
  port: number
  /** `127.0.0.1:<port>` */
  domainName: string
  config: DistributionConfig
  tags: Record<string, string>
  lastModified: Date
}

/** What CloudFront reaches inside a VPC. */
export interface VpcOrigin {
  Name: string
  /** Of a load balancer. */
  Arn: string
  OriginProtocolPolicy?: string
}

export interface OriginAccessControl {
  Name: string
  OriginAccessControlOriginType: string
  SigningBehavior: string
  SigningProtocol: string
}

export interface EdgeFunction {
  name: string
  /** What distributions run; undefined: never published. */
  liveCode: string | undefined
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html#API_CreateInvalidation_Errors */
export function distributionOf(model: CloudFrontModel, id: string): Distribution {
  const found = model.distributions.get(id)
  if (!found) throw new AwsError('NoSuchDistribution', 'The specified distribution does not exist.', 404)
  return found
}

/** Ids look like `E2QWRUHAPOMQZL`. */
export function newId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  return `E${Array.from(randomBytes(13), (byte) => letters[byte % letters.length]).join('')}`
}

export function cloudFrontArn(resource: string): string {
  return `arn:aws:cloudfront::${account}:${resource}`
}
