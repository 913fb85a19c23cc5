import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addresses, allowedOrigins, backendAddresses, requireOutputs, outputKeys } from '../../../lib/stack/stack.mts'

describe('the outputs of a stack', () => {
  it('are returned when none is missing', () => {
    const outputs = Object.fromEntries(outputKeys.map((key) => [key, 'value']))
    assert.deepEqual(requireOutputs(outputs, 'S', 'deploy'), outputs)
  })

  it('are refused, with the names of those that are missing', () => {
    assert.throws(
      () => requireOutputs({ DistributionId: 'E1' }, 'S', 'deploy'),
      /has no output LoadBalancerDnsName, DistributionDomainName, SiteBucketName/,
    )
  })
})

describe('the addresses of the system', () => {
  it('are https and wss for a distribution, http and ws for a load balancer', () => {
    assert.deepEqual(addresses({ DistributionDomainName: 'd1.cloudfront.net', LoadBalancerDnsName: 'alb.example' }), {
      site: 'https://d1.cloudfront.net',
      siteWebSocket: 'wss://d1.cloudfront.net/ws',
      cdn: 'https://d1.cloudfront.net',
      cdnWebSocket: 'wss://d1.cloudfront.net/ws',
      loadBalancer: 'http://alb.example',
      loadBalancerWebSocket: 'ws://alb.example',
    })
  })

  it('are those of the load balancer for the backend, unless that has no public address', () => {
    const DistributionDomainName = 'd1.cloudfront.net'
    assert.deepEqual(backendAddresses({ DistributionDomainName, LoadBalancerDnsName: 'alb.example' }), {
      backend: 'http://alb.example',
      backendWebSocket: 'ws://alb.example',
    })
    assert.deepEqual(backendAddresses({ DistributionDomainName, LoadBalancerDnsName: 'internal-alb.example' }), {
      backend: 'https://d1.cloudfront.net',
      backendWebSocket: 'wss://d1.cloudfront.net/ws',
    })
  })

  it('are the domain for people, and CloudFront’s own name for the toolkit; pages of both may connect', () => {
    const hosts = {
      DistributionDomainName: 'd1.cloudfront.net',
      LoadBalancerDnsName: 'alb.example',
      SiteDomainName: 'quiz.example.com',
    }
    const { site, siteWebSocket, cdn } = addresses(hosts)
    assert.deepEqual(
      [site, siteWebSocket, cdn],
      ['https://quiz.example.com', 'wss://quiz.example.com/ws', 'https://d1.cloudfront.net'],
    )
    assert.equal(allowedOrigins(hosts), 'https://quiz.example.com,https://d1.cloudfront.net')
    const here = { ...hosts, DistributionDomainName: '127.0.0.1:4626', SiteDomainName: 'quiz.localhost' }
    assert.equal(allowedOrigins(here), 'http://quiz.localhost:4626,http://127.0.0.1:4626')
  })

  it('are plain http on this machine', () => {
    const { site, siteWebSocket } = addresses({
      DistributionDomainName: '127.0.0.1:4626',
      LoadBalancerDnsName: '127.0.0.1:4576',
    })
    assert.deepEqual([site, siteWebSocket], ['http://127.0.0.1:4626', 'ws://127.0.0.1:4626/ws'])
  })
})
