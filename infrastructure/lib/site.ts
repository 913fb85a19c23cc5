import { join } from 'node:path'
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  type DistributionProps,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOrigin,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin, S3BucketOrigin, VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Duration, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import type { EnvironmentNames } from '../../lib/environment/environments.mts'
import type { Configuration } from './configuration.ts'
import { DomainRecords, namedAs } from './domain.ts'
import { fixLogicalId } from './fixed-logical-id.ts'
import { folders, type LogBucket } from './log-bucket.ts'
import type { OriginSecret } from './origin-secret.ts'
import { securityHeaders } from './site-headers.ts'

interface Parts {
  bucket: IBucket
  loadBalancer: IApplicationLoadBalancer
  /** Undefined: the load balancer has no public address, and CloudFront reaches it inside the VPC. */
  originSecret: OriginSecret | undefined
  /** Undefined: no access logs are kept. */
  logBucket: LogBucket | undefined
}

/** One origin for the browser: the page from the bucket; `/ws`, `/api/*` and `/health` from the load balancer. */
export class Site extends Construct {
  readonly distribution: Distribution

  constructor(scope: Construct, id: string, configuration: Configuration, parts: Parts) {
    super(scope, id)
    const { names, domain, webAclArn } = configuration
    const { bucket } = parts
    const headers = securityHeaders(this, 'SecurityHeaders', `${names.prefix}-security-headers`)
    const spaFallback = new EdgeFunction(this, 'SpaFallback', {
      functionName: `${names.prefix}-spa-fallback`,
      comment: 'Deep links of the single-page app',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromFile({ filePath: join(import.meta.dirname, 'spa-fallback.js') }),
    })
    // the managed CachingOptimized policy caches even a `no-cache` document for its minimum of one second
    const originDecides = new CachePolicy(this, 'OriginDecides', {
      cachePolicyName: `${names.prefix}-origin-decides`,
      comment: 'Cache-Control of the object decides; without one, nothing is kept',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    })
    const backend = {
      origin: backendOrigin(names, parts),
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      // a redirect helps neither: WebSocket clients do not follow it, and an API request has already sent its secrets unencrypted
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    } satisfies BehaviorOptions
    const accessLogs = logging(configuration, parts)
    this.distribution = new Distribution(this, 'Distribution', {
      comment: names.prefix,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...(domain && namedAs(this, domain)),
      ...accessLogs,
      ...(webAclArn && { webAclId: webAclArn }),
      // by default everyone at an edge gets one error of the backend for ten seconds, a 5xx whatever its Cache-Control says; a
      // 404 may be of a code that is made a second later, or of a route that only the new tasks of a rollout have. No page
      // instead of it: that would turn a 404 of the API into the page, too
      errorResponses: [404, 500, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      defaultBehavior: {
        // without LIST, S3 answers a missing object with 403
        origin: S3BucketOrigin.withOriginAccessControl(bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: originDecides,
        responseHeadersPolicy: headers,
        functionAssociations: [{ function: spaFallback, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
      additionalBehaviors: {
        '/ws': backend,
        // the first pattern that matches counts. An image is named by its bytes and never changes; no query, cookie or header
        // of a viewer reaches the backend, so nobody can have it fetched twice
        '/api/media/*': {
          origin: backend.origin,
          viewerProtocolPolicy: backend.viewerProtocolPolicy,
          cachePolicy: originDecides,
          responseHeadersPolicy: headers,
        },
        '/api/*': { ...backend, allowedMethods: AllowedMethods.ALLOW_ALL, responseHeadersPolicy: headers },
        '/health': { ...backend, responseHeadersPolicy: headers },
      },
    })
    fixLogicalId(this.distribution, 'Distribution')
    if (domain?.hostedZoneId) new DomainRecords(this, 'DomainRecords', domain, this.distribution)

    Validations.of(this.distribution).acknowledge(
      {
        id: '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
        reason: 'The default root object keeps `/` from listing the bucket, and query strings do not reach the origin',
      },
      { id: 'AwsSolutions-CFR1', reason: 'A quiz may be played from any country' },
      { id: 'AwsSolutions-CFR5', reason: 'The load balancer has no domain name of ours, hence no certificate' },
    )
    if (!webAclArn) {
      Validations.of(this.distribution).acknowledge({
        id: 'AwsSolutions-CFR2',
        reason: 'A web ACL costs money, and its rules are for those who watch them; WEB_ACL_ARN names one',
      })
    }
    if (!accessLogs) {
      Validations.of(this.distribution).acknowledge({
        id: 'AwsSolutions-CFR3',
        reason: parts.logBucket
          ? 'CloudFront delivers no standard logs to a bucket in this region; the load balancer logs what reaches it'
          : 'Only its developers use it; access logs are for staging and production',
      })
    }
    if (!domain) {
      Validations.of(this.distribution).acknowledge({
        id: 'AwsSolutions-CFR4',
        reason: 'The certificate of cloudfront.net does not let the TLS version be chosen',
      })
    }
  }
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html */
function backendOrigin({ prefix }: EnvironmentNames, { loadBalancer, originSecret }: Parts): IOrigin {
  const protocolPolicy = OriginProtocolPolicy.HTTP_ONLY
  if (!originSecret) {
    return VpcOrigin.withApplicationLoadBalancer(loadBalancer, { protocolPolicy, vpcOriginName: prefix })
  }
  // replaces what a viewer sends under that name
  const customHeaders = { [originSecret.header]: originSecret.value }
  return new HttpOrigin(loadBalancer.loadBalancerDnsName, { protocolPolicy, customHeaders })
}

/** No cookies: nobody here sets one. */
function logging(
  { deliversCdnLogs }: Configuration,
  { logBucket }: Parts,
): Pick<DistributionProps, 'logBucket' | 'logFilePrefix'> | undefined {
  if (!logBucket || !deliversCdnLogs) return undefined
  return { logBucket: logBucket.bucket, logFilePrefix: `${folders.cdn}/` }
}
