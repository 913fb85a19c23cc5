import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addresses } from '../../../lib/stack/outputs.mts'

describe('the addresses of the system', () => {
  it('are https and wss for a distribution, http and ws for a load balancer', () => {
    assert.deepEqual(addresses({ DistributionDomainName: 'd1.cloudfront.net', LoadBalancerDnsName: 'alb.example' }), {
      site: 'https://d1.cloudfront.net',
      siteWebSocket: 'wss://d1.cloudfront.net/ws',
      loadBalancer: 'http://alb.example',
      loadBalancerWebSocket: 'ws://alb.example',
    })
  })

  it('are plain http on this machine', () => {
    const { site, siteWebSocket } = addresses({
      DistributionDomainName: '127.0.0.1:4626',
      LoadBalancerDnsName: '127.0.0.1:4576',
    })
    assert.deepEqual([site, siteWebSocket], ['http://127.0.0.1:4626', 'ws://127.0.0.1:4626/ws'])
  })
})
