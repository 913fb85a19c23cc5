import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Template } from 'aws-cdk-lib/assertions'
import { environments } from '../../lib/environment/environments.mts'
import { only, templateOf } from './synthesis.ts'

/** AWS's own policies. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
const allViewerExceptHostHeader = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'

interface Behavior {
  PathPattern: string
  TargetOriginId: string
  CachePolicyId: unknown
  OriginRequestPolicyId?: string
  ResponseHeadersPolicyId?: unknown
  ViewerProtocolPolicy: string
  AllowedMethods?: string[]
  FunctionAssociations?: { EventType: string }[]
}

interface DistributionConfig {
  DefaultCacheBehavior: Behavior
  CacheBehaviors: Behavior[]
  Origins: { Id: string; DomainName: unknown; CustomOriginConfig?: { OriginProtocolPolicy: string } }[]
  CustomErrorResponses: object[]
  DefaultRootObject: string
}

for (const environment of environments) {
  const template = templateOf(environment)
  const distribution = only(template, 'AWS::CloudFront::Distribution')['DistributionConfig'] as DistributionConfig
  const origin = (id: string) => distribution.Origins.find(({ Id }) => Id === id)

  const media = distribution.CacheBehaviors.find(({ PathPattern }) => PathPattern === '/api/media/*')

  test(`${environment}: the backend's paths go to the load balancer, images before the API`, () => {
    assert.deepEqual(
      distribution.CacheBehaviors.map(({ PathPattern }) => PathPattern),
      ['/ws', '/api/media/*', '/api/*', '/health'],
    )
    for (const behavior of distribution.CacheBehaviors) {
      assert.equal(behavior.ViewerProtocolPolicy, 'https-only')
      assert.deepEqual(origin(behavior.TargetOriginId)?.DomainName, { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] })
      assert.equal(origin(behavior.TargetOriginId)?.CustomOriginConfig?.OriginProtocolPolicy, 'http-only')
    }
  })

  test(`${environment}: /ws, /api/* and /health are not cached, and get all that a viewer sends`, () => {
    for (const behavior of distribution.CacheBehaviors.filter((each) => each !== media)) {
      assert.equal(behavior.CachePolicyId, cachingDisabled)
      assert.equal(behavior.OriginRequestPolicyId, allViewerExceptHostHeader)
    }
  })

  test(`${environment}: an image is cached as its headers say, and nothing of the viewer changes it`, () => {
    assert.deepEqual(media?.CachePolicyId, distribution.DefaultCacheBehavior.CachePolicyId)
    assert.equal(media?.OriginRequestPolicyId, undefined)
    assert.equal(media?.AllowedMethods, undefined)
    assert.ok(media?.ResponseHeadersPolicyId)
  })

  test(`${environment}: the API takes every method`, () => {
    const api = distribution.CacheBehaviors.find(({ PathPattern }) => PathPattern === '/api/*')
    assert.deepEqual(api?.AllowedMethods?.toSorted(), ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'])
  })

  test(`${environment}: the function answers deep links, on the default behavior only`, () => {
    assert.deepEqual(
      distribution.DefaultCacheBehavior.FunctionAssociations?.map(({ EventType }) => EventType),
      ['viewer-request'],
    )
    assert.ok(distribution.CacheBehaviors.every(({ FunctionAssociations }) => FunctionAssociations === undefined))
  })

  test(`${environment}: an error of the backend is neither replaced nor kept`, () => {
    assert.deepEqual(
      distribution.CustomErrorResponses,
      [404, 500, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
    )
  })

  test(`${environment}: a no-cache document is not cached, not even for a second`, () => {
    const policy = only(template, 'AWS::CloudFront::CachePolicy')['CachePolicyConfig'] as Record<string, unknown>
    assert.deepEqual([policy['MinTTL'], policy['DefaultTTL'], policy['MaxTTL']], [0, 0, 365 * 24 * 60 * 60])
    const { CookiesConfig, HeadersConfig, QueryStringsConfig } = policy[
      'ParametersInCacheKeyAndForwardedToOrigin'
    ] as Record<string, unknown>
    assert.deepEqual(
      { CookiesConfig, HeadersConfig, QueryStringsConfig },
      {
        CookiesConfig: { CookieBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      },
    )
  })

  test(`${environment}: the page connects only to its own host, and cannot be framed`, () => {
    const { SecurityHeadersConfig } = only(template, 'AWS::CloudFront::ResponseHeadersPolicy')[
      'ResponseHeadersPolicyConfig'
    ] as { SecurityHeadersConfig: { ContentSecurityPolicy: { ContentSecurityPolicy: string; Override: boolean } } }
    // an image has a stricter one, by the backend
    assert.equal(SecurityHeadersConfig.ContentSecurityPolicy.Override, false)
    const policy = SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy
    assert.match(policy, /^default-src 'self';/)
    assert.match(policy, /frame-ancestors 'none'/)
    // would turn ws://127.0.0.1 into wss:// on the local AWS
    assert.doesNotMatch(policy, /connect-src|upgrade-insecure-requests/)
  })

  test(`${environment}: the bucket is private, encrypted and versioned`, () => {
    const { SiteBucket } = template.findResources('AWS::S3::Bucket')
    Template.fromJSON({ Resources: { SiteBucket } }).hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 90 }, Status: 'Enabled' }] },
    })
  })

  test(`${environment}: only this distribution reads the bucket, and no staged release`, () => {
    interface Statement {
      Sid?: string
      Effect: string
      Action: string | string[]
      Principal: unknown
      Condition?: unknown
      Resource: unknown
    }
    const ofSite = { Properties: { Bucket: { Ref: 'SiteBucket' } } }
    const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy', ofSite))
    const { Statement } = policy!['Properties'].PolicyDocument as { Statement: Statement[] }
    const allow = Statement.filter(({ Effect }) => Effect === 'Allow')
    assert.deepEqual(allow.flatMap(({ Action }) => Action).toSorted(), ['s3:GetObject', 's3:ListBucket'])
    for (const { Principal, Condition } of allow) {
      assert.deepEqual(Principal, { Service: 'cloudfront.amazonaws.com' })
      assert.match(JSON.stringify(Condition), /AWS:SourceArn.*distribution\/",\{"Ref":"Distribution"\}/)
    }
    const staged = Statement.find(({ Sid }) => Sid === 'StagedReleasesAreNotPublic')
    assert.equal(staged?.Effect, 'Deny')
    assert.match(JSON.stringify(staged?.Resource), /\/releases\/\*"/)
  })
}
