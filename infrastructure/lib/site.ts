import { join } from 'node:path'
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { AccessLevel } from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import type { Configuration } from './configuration.ts'
import { fixLogicalId } from './fixed-logical-id.ts'

/** One origin for the browser: the page from the bucket, `/ws`, `/api/*` and `/health` from the load balancer. */
export class Site extends Construct {
  readonly bucket: Bucket
  readonly distribution: Distribution

  constructor(scope: Construct, id: string, { names }: Configuration, loadBalancer: ApplicationLoadBalancer) {
    super(scope, id)
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    // staged releases are for the toolkit; a visitor sees only what is live
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'StagedReleasesAreNotPublic',
        effect: Effect.DENY,
        principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects('releases/*')],
      }),
    )

    const securityHeaders = new ResponseHeadersPolicy(this, 'SecurityHeaders', {
      responseHeadersPolicyName: `${names.prefix}-security-headers`,
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          override: true,
          // 'self' covers wss: of the same host too (https://www.w3.org/TR/CSP3/#match-url-to-source-expression)
          contentSecurityPolicy: [
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
          ].join('; '),
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
    })
    const spaFallback = new EdgeFunction(this, 'SpaFallback', {
      functionName: `${names.prefix}-spa-fallback`,
      comment: 'Deep links of the single-page app',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromFile({ filePath: join(import.meta.dirname, 'spa-fallback.js') }),
    })
    // the managed CachingOptimized keeps even a `no-cache` document for its minimum of one second
    const originDecides = new CachePolicy(this, 'OriginDecides', {
      cachePolicyName: `${names.prefix}-origin-decides`,
      comment: 'Cache-Control of the object decides; without one, nothing is kept',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    })
    const backend: BehaviorOptions = {
      origin: new HttpOrigin(loadBalancer.loadBalancerDnsName, { protocolPolicy: OriginProtocolPolicy.HTTP_ONLY }),
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // without the Host header, since the load balancer's own host is what its origin connection needs
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    }
    this.distribution = new Distribution(this, 'Distribution', {
      comment: names.prefix,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        // without LIST, S3 answers a missing object with 403
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: originDecides,
        responseHeadersPolicy: securityHeaders,
        functionAssociations: [{ function: spaFallback, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
      additionalBehaviors: {
        // no WebSocket client follows a redirect
        '/ws': { ...backend, viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY },
        // a redirected request has already been sent in the clear, secret and all
        '/api/*': {
          ...backend,
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          responseHeadersPolicy: securityHeaders,
        },
        '/health': {
          ...backend,
          viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
          responseHeadersPolicy: securityHeaders,
        },
      },
    })
    fixLogicalId(this.bucket, 'SiteBucket')
    fixLogicalId(this.distribution, 'Distribution')

    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only CloudFront and the toolkit read it; CloudFront has the metrics, CloudTrail the writes',
    })
    Validations.of(this.distribution).acknowledge(
      {
        id: '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
        reason: 'The default root object keeps `/` from listing the bucket, and query strings do not reach the origin',
      },
      { id: 'AwsSolutions-CFR1', reason: 'A quiz may be played from any country' },
      {
        id: 'AwsSolutions-CFR2',
        reason: 'A web ACL costs more per month than the site; add one when there is abuse to stop',
      },
      { id: 'AwsSolutions-CFR3', reason: 'The backend logs its requests; the rest is static files' },
      {
        id: 'AwsSolutions-CFR4',
        reason: 'The default certificate of cloudfront.net does not let the TLS version be chosen',
      },
      { id: 'AwsSolutions-CFR5', reason: 'The load balancer has no domain name of ours, hence no certificate' },
    )
  }
}
