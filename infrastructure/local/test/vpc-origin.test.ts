import assert from 'node:assert/strict'
import { test } from 'node:test'
import { managed, openCloudFront } from './cloudfront-fixtures.ts'
import { loadBalance, openWebSocket, roundTrip, startEcho } from './elb-fixtures.ts'

test('an internal load balancer is reached through its distribution only', async () => {
  const { create, elb, targetGroup, serve } = await loadBalance()
  const internal = await create('LoadBalancer', { Name: 'inside', Scheme: 'internal' })
  await create('Listener', {
    LoadBalancerArn: internal.physicalId,
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup.physicalId }],
  })
  await serve(await startEcho('answered'))
  const cloudFront = openCloudFront(undefined, { portOf: elb.portOf })
  const dnsName = String(internal.attributes['DNSName'])
  const endpoint = (Arn: string) => ({
    VpcOriginEndpointConfig: { Name: 'inside', Arn, OriginProtocolPolicy: 'http-only' },
  })
  const inVpc = await cloudFront.create('VpcOrigin', endpoint(internal.physicalId))
  const distribute = (VpcOriginId: string) =>
    cloudFront.create('Distribution', {
      DistributionConfig: {
        Enabled: true,
        Origins: [{ Id: 'inside', DomainName: dnsName, VpcOriginConfig: { VpcOriginId } }],
        DefaultCacheBehavior: { TargetOriginId: 'inside', CachePolicyId: managed.cachingDisabled },
      },
    })
  const { attributes } = await distribute(inVpc.physicalId)
  const url = `http://${String(attributes['DomainName'])}`

  assert.match(dnsName, /^internal-inside-/)
  await assert.rejects(fetch(`http://${dnsName}/`))
  assert.equal(await (await fetch(`${url}/api/live`)).text(), 'answered')
  assert.equal(await roundTrip(await openWebSocket(`${url}/ws`), 'hello'), 'hello')

  await assert.rejects(cloudFront.create('VpcOrigin', endpoint('arn:aws:none')), { code: 'EntityNotFound' })
  await assert.rejects(distribute('vo_none'), { code: 'EntityNotFound' })
  const remove = cloudFront.resourceTypes['AWS::CloudFront::VpcOrigin']!.delete
  await assert.rejects(remove(inVpc, {}), { code: 'CannotDeleteEntityWhileInUse' })
})
