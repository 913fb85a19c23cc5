import type { Behavior, Origin } from './config.ts'
import type { Invalidation } from './invalidations.ts'
import type { Distribution } from './model.ts'

/** CloudFormation's lists of a distribution in the form of the API: `{ Quantity, Items: { Origin: […] } }`. */
function list(element: string, items: readonly unknown[] = []) {
  return { Quantity: items.length, Items: items.length > 0 ? { [element]: items } : undefined }
}

/**
 * What the model requires, the certificate, and the header that an origin is shown: the documents warn of it.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionSummary.html
 */
export function summarize({ id, arn, domainName, lastModified, config }: Distribution) {
  return {
    Id: id,
    ARN: arn,
    Status: 'Deployed',
    LastModifiedTime: lastModified,
    DomainName: domainName,
    Aliases: list('CNAME', config.Aliases),
    Origins: list('Origin', config.Origins.map(describeOrigin)),
    DefaultCacheBehavior: describeBehavior(config.DefaultCacheBehavior),
    CacheBehaviors: list(
      'CacheBehavior',
      (config.CacheBehaviors ?? []).map((each) => ({ PathPattern: each.PathPattern, ...describeBehavior(each) })),
    ),
    CustomErrorResponses: list('CustomErrorResponse'),
    Comment: config.Comment ?? '',
    PriceClass: config.PriceClass ?? 'PriceClass_All',
    Enabled: config.Enabled,
    ViewerCertificate: { ACMCertificateArn: config.ViewerCertificate?.AcmCertificateArn },
    Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
    WebACLId: config.WebACLId ?? '',
    HttpVersion: config.HttpVersion ?? 'http2',
    IsIPV6Enabled: config.IPV6Enabled ?? false,
    Staging: false,
  }
}

function describeOrigin({ Id, DomainName, OriginCustomHeaders }: Origin) {
  return { Id, DomainName, CustomHeaders: list('OriginCustomHeader', OriginCustomHeaders) }
}

function describeBehavior({ TargetOriginId, ViewerProtocolPolicy = 'allow-all' }: Behavior) {
  return { TargetOriginId, ViewerProtocolPolicy }
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
