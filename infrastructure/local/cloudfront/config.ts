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
  OriginGroups?: { Quantity?: number }
  Origins: Origin[]
  PriceClass?: string
  ViewerCertificate?: { AcmCertificateArn?: string }
  WebACLId?: string
}

export interface CustomErrorResponse {
  ErrorCode: number
  /** Seconds. */
  ErrorCachingMinTTL?: number
  ResponsePagePath?: string
}

export interface Behavior {
  AllowedMethods?: string[]
  CachePolicyId?: string
  Compress?: boolean
  FunctionAssociations?: { EventType: string; FunctionARN: string }[]
  LambdaFunctionAssociations?: unknown[]
  OriginRequestPolicyId?: string
  ResponseHeadersPolicyId?: string
  TargetOriginId: string
  TrustedKeyGroups?: string[]
  TrustedSigners?: string[]
  /** Recorded, not enforced: the distribution is plain HTTP on loopback and stands for its HTTPS side. */
  ViewerProtocolPolicy?: string
}

export interface CacheBehavior extends Behavior {
  PathPattern: string
}

export interface Origin {
  Id: string
  DomainName: string
  OriginPath?: string
  ConnectionTimeout?: number
  CustomOriginConfig?: {
    HTTPPort?: number
    OriginProtocolPolicy: string
    OriginReadTimeout?: number
  }
  OriginAccessControlId?: string
  OriginCustomHeaders?: { HeaderName: string; HeaderValue: string }[]
  VpcOriginConfig?: { OriginReadTimeout?: number; VpcOriginId: string }
}
