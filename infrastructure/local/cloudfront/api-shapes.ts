import type { Behavior, DistributionConfig, Origin } from './config.ts'
import type { Invalidation } from './invalidations.ts'
import type { Distribution } from './model.ts'

/** CloudFormation's lists of a distribution in the form of the API: `{ Quantity, Items: { Origin: […] } }`. */
function list(element: string, items: readonly unknown[] = []) {
  return { Quantity: items.length, Items: items.length > 0 ? { [element]: items } : undefined }
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionSummary.html */
export function summarize({ id, arn, domainName, lastModified, etag, config }: Distribution) {
  return {
    Id: id,
    ARN: arn,
    ETag: etag,
    Status: 'Deployed',
    LastModifiedTime: lastModified,
    DomainName: domainName,
    ...sharedParts(config),
  }
}

function sharedParts(config: DistributionConfig) {
  return {
    Aliases: list('CNAME', config.Aliases),
    Origins: list('Origin', config.Origins.map(describeOrigin)),
    OriginGroups: list('OriginGroup'),
    DefaultCacheBehavior: describeBehavior(config.DefaultCacheBehavior),
    CacheBehaviors: list(
      'CacheBehavior',
      (config.CacheBehaviors ?? []).map(({ PathPattern, ...rest }) => ({ PathPattern, ...describeBehavior(rest) })),
    ),
    CustomErrorResponses: list('CustomErrorResponse', config.CustomErrorResponses),
    Comment: config.Comment ?? '',
    PriceClass: config.PriceClass ?? 'PriceClass_All',
    Enabled: config.Enabled,
    ViewerCertificate: describeCertificate(config),
    Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
    WebACLId: config.WebACLId ?? '',
    HttpVersion: config.HttpVersion ?? 'http2',
    IsIPV6Enabled: config.IPV6Enabled ?? false,
    Staging: false,
  }
}

function describeCertificate({ ViewerCertificate: given }: DistributionConfig) {
  const arn = given?.AcmCertificateArn
  return {
    CloudFrontDefaultCertificate: !arn,
    ACMCertificateArn: arn,
    SSLSupportMethod: given?.SslSupportMethod ?? 'vip',
    MinimumProtocolVersion: given?.MinimumProtocolVersion ?? 'TLSv1',
    Certificate: arn,
    CertificateSource: arn ? 'acm' : 'cloudfront',
  }
}

function describeOrigin(origin: Origin) {
  const { CustomOriginConfig: custom, VpcOriginConfig: inVpc } = origin
  return {
    Id: origin.Id,
    DomainName: origin.DomainName,
    OriginPath: origin.OriginPath ?? '',
    CustomHeaders: list('OriginCustomHeader', origin.OriginCustomHeaders),
    S3OriginConfig:
      custom || inVpc ? undefined : { OriginAccessIdentity: origin.S3OriginConfig?.OriginAccessIdentity ?? '' },
    CustomOriginConfig: custom && {
      HTTPPort: custom.HTTPPort ?? 80,
      HTTPSPort: custom.HTTPSPort ?? 443,
      OriginProtocolPolicy: custom.OriginProtocolPolicy,
      OriginSslProtocols: list('SslProtocol', custom.OriginSSLProtocols ?? ['TLSv1.2']),
      OriginReadTimeout: custom.OriginReadTimeout ?? 30,
      OriginKeepaliveTimeout: custom.OriginKeepaliveTimeout ?? 5,
    },
    VpcOriginConfig: inVpc && {
      VpcOriginId: inVpc.VpcOriginId,
      OriginReadTimeout: inVpc.OriginReadTimeout ?? 30,
      OriginKeepaliveTimeout: inVpc.OriginKeepaliveTimeout ?? 5,
    },
    ConnectionAttempts: origin.ConnectionAttempts ?? 3,
    ConnectionTimeout: origin.ConnectionTimeout ?? 10,
    OriginShield: { Enabled: false },
    OriginAccessControlId: origin.OriginAccessControlId ?? '',
  }
}

function describeBehavior(behavior: Behavior) {
  const methods = behavior.AllowedMethods ?? ['HEAD', 'GET']
  return {
    TargetOriginId: behavior.TargetOriginId,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    ViewerProtocolPolicy: behavior.ViewerProtocolPolicy ?? 'allow-all',
    AllowedMethods: { ...list('Method', methods), CachedMethods: list('Method', ['HEAD', 'GET']) },
    SmoothStreaming: false,
    Compress: behavior.Compress ?? false,
    LambdaFunctionAssociations: list('LambdaFunctionAssociation'),
    FunctionAssociations: list('FunctionAssociation', behavior.FunctionAssociations),
    FieldLevelEncryptionId: '',
    CachePolicyId: behavior.CachePolicyId,
    OriginRequestPolicyId: behavior.OriginRequestPolicyId,
    ResponseHeadersPolicyId: behavior.ResponseHeadersPolicyId,
    GrpcConfig: { Enabled: false },
  }
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Invalidation.html */
export function describeInvalidation({ id, status, createTime, paths, callerReference }: Invalidation) {
  return {
    Id: id,
    Status: status,
    CreateTime: createTime,
    InvalidationBatch: { Paths: list('Path', paths), CallerReference: callerReference },
  }
}

/** A page that holds everything. */
export function page(element: string, items: readonly unknown[]) {
  return { Marker: '', MaxItems: 100, IsTruncated: false, ...list(element, items) }
}
