const behaviorMembers = [
  'AllowedMethods',
  'CachePolicyId',
  'Compress',
  'FunctionAssociations',
  'OriginRequestPolicyId',
  'PathPattern',
  'ResponseHeadersPolicyId',
  'TargetOriginId',
  'ViewerProtocolPolicy',
]

/** Paths of what a distribution's configuration may have here, the recorded included. */
export const configMembers = [
  'Aliases',
  ...behaviorMembers.map((member) => `CacheBehaviors.${member}`),
  'Comment',
  'CustomErrorResponses.ErrorCachingMinTTL',
  'CustomErrorResponses.ErrorCode',
  ...behaviorMembers.map((member) => `DefaultCacheBehavior.${member}`),
  'DefaultRootObject',
  'Enabled',
  'HttpVersion',
  'IPV6Enabled',
  'Logging',
  'Origins.CustomOriginConfig.OriginProtocolPolicy',
  'Origins.CustomOriginConfig.OriginSSLProtocols',
  'Origins.DomainName',
  'Origins.Id',
  'Origins.OriginAccessControlId',
  'Origins.OriginCustomHeaders',
  'Origins.S3OriginConfig',
  'Origins.VpcOriginConfig.VpcOriginId',
  'PriceClass',
  'ViewerCertificate',
  'WebACLId',
]

/** A distribution's configuration as CloudFormation writes it. What is only recorded has no type here. */
export interface DistributionConfig {
  Aliases?: string[]
  CacheBehaviors?: CacheBehavior[]
  Comment?: string
  CustomErrorResponses?: CustomErrorResponse[]
  DefaultCacheBehavior: Behavior
  DefaultRootObject?: string
  Enabled: boolean
  HttpVersion?: string
  IPV6Enabled?: boolean
  Origins: Origin[]
  PriceClass?: string
  ViewerCertificate?: { AcmCertificateArn?: string }
  WebACLId?: string
}

export interface CustomErrorResponse {
  ErrorCode: number
  /** Seconds. */
  ErrorCachingMinTTL?: number
}

export interface Behavior {
  AllowedMethods?: string[]
  CachePolicyId?: string
  Compress?: boolean
  FunctionAssociations?: { EventType: string; FunctionARN: string }[]
  OriginRequestPolicyId?: string
  ResponseHeadersPolicyId?: string
  TargetOriginId: string
  /** Recorded, not enforced: the distribution is plain HTTP on loopback and stands for its HTTPS side. */
  ViewerProtocolPolicy?: string
}

export interface CacheBehavior extends Behavior {
  PathPattern: string
}

export interface Origin {
  Id: string
  DomainName: string
  CustomOriginConfig?: { OriginProtocolPolicy: string }
  OriginAccessControlId?: string
  OriginCustomHeaders?: { HeaderName: string; HeaderValue: string }[]
  VpcOriginConfig?: { VpcOriginId: string }
}
