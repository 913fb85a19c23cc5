import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match, type Template } from 'aws-cdk-lib/assertions'
import { templateOf } from './synthesis.ts'

const template = templateOf('production', { LOAD_BALANCER: 'private' })

test('a private load balancer is internal, beside the tasks', () => {
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
    Scheme: 'internal',
    Subnets: [{ Ref: 'TaskSubnet1' }, { Ref: 'TaskSubnet2' }],
  })
})

test('CloudFront reaches a private load balancer inside the VPC, over http', () => {
  template.hasResourceProperties('AWS::CloudFront::VpcOrigin', {
    VpcOriginEndpointConfig: {
      Arn: { Ref: 'LoadBalancer' },
      OriginProtocolPolicy: 'http-only',
      Name: 'live-quiz',
    },
  })
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Origins: Match.arrayWith([
        Match.objectLike({
          DomainName: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] },
          OriginCustomHeaders: Match.absent(),
          VpcOriginConfig: Match.objectLike({ VpcOriginId: Match.anyValue() }),
        }),
      ]),
    },
  })
})

test('a private load balancer needs no secret and no rules, and all else is as with a public one', () => {
  const counted = (all: Template) =>
    Object.values(all.toJSON().Resources as Record<string, { Type: string }>)
      .map(({ Type }) => Type)
      .filter((type) => type !== 'AWS::CloudFront::VpcOrigin' && !type.endsWith('::ListenerRule'))
      .toSorted()
  const withoutOne = counted(templateOf('production'))
  withoutOne.splice(withoutOne.indexOf('AWS::SecretsManager::Secret'), 1)
  assert.deepEqual(counted(template), withoutOne)
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 0)
})
