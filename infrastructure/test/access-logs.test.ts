import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { templateOf } from './synthesis.ts'

for (const environment of ['staging', 'production'] as const) {
  const template = templateOf(environment)

  test(`${environment}: access logs are kept for 90 days, whether the stack is deleted or its creation undone`, () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.objectLike({
        BucketName: Match.absent(),
        LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
      }),
    })
    assert.deepEqual(template.toJSON().Outputs.LogBucketName.Value, { Ref: 'LogBucket' })
  })

  test(`${environment}: the load balancer logs, once it may write to the bucket, and only there`, () => {
    const attribute = (Key: string, Value: unknown) => ({ Key: `access_logs.s3.${Key}`, Value })
    template.hasResource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^AccessLogsBucketPolicy')]),
      Properties: Match.objectLike({
        LoadBalancerAttributes: Match.arrayWith([
          attribute('enabled', 'true'),
          attribute('bucket', { Ref: 'LogBucket' }),
          attribute('prefix', 'load-balancer'),
        ]),
      }),
    })
    const [allowed, ...others] = statements('Allow')
    assert.deepEqual(others, [])
    assert.deepEqual(
      [allowed.Action, allowed.Principal],
      ['s3:PutObject', { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' }],
    )
    assert.match(JSON.stringify(allowed.Resource), /"LogBucket","Arn"\]\},"\/load-balancer\/AWSLogs\/",.*"\/\*"/)
  })

  test(`${environment}: CloudFront logs, to a bucket that has ACLs and no key of KMS`, () => {
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Logging: { Bucket: { 'Fn::GetAtt': ['LogBucket', 'RegionalDomainName'] }, Prefix: 'cdn/' },
      },
    })
    const { OwnershipControls, BucketEncryption } = template.toJSON().Resources['LogBucket'].Properties
    assert.deepEqual(OwnershipControls.Rules, [{ ObjectOwnership: 'BucketOwnerPreferred' }])
    const [rule] = BucketEncryption.ServerSideEncryptionConfiguration
    assert.equal(rule.ServerSideEncryptionByDefault.SSEAlgorithm, 'AES256')
  })

  test(`${environment}: nobody reads the access logs unencrypted`, () => {
    const [denied] = statements('Deny')
    assert.deepEqual(denied.Condition, { Bool: { 'aws:SecureTransport': 'false' } })
  })

  function statements(effect: 'Allow' | 'Deny') {
    const ofLogs = { Properties: { Bucket: { Ref: 'LogBucket' } } }
    const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy', ofLogs))
    return policy!['Properties'].PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === effect)
  }
}

test('development has one bucket, the site’s', () => {
  for (const environment of ['development', 'local'] as const) {
    templateOf(environment).resourceCountIs('AWS::S3::Bucket', 1)
    templateOf(environment).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'access_logs.s3.enabled', Value: 'false' }]),
    })
    assert.doesNotMatch(JSON.stringify(templateOf(environment).toJSON()), /access_logs\.s3\.bucket|"Logging"/)
  }
})

test('where CloudFront delivers no logs, only the load balancer logs', () => {
  const template = templateOf('production', { AWS_REGION: 'eu-south-1' })
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({ Logging: Match.absent() }),
  })
  assert.match(JSON.stringify(template.toJSON()), /access_logs\.s3\.bucket/)
})
