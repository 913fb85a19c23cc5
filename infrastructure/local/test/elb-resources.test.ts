import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import type { AwsError } from '../gateway/room.ts'
import { loadBalance, openWebSocket, stack, startEcho, startTarget } from './elb-fixtures.ts'

describe('listener rules and resources', () => {
  it('answers a fixed response where a rule says so', async () => {
    const { url, listener, create } = await loadBalance()
    await create('ListenerRule', {
      ListenerArn: listener.physicalId,
      Priority: 1,
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/teapot'] } },
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Secret', Values: ['tea'] } },
      ],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418', MessageBody: 'short and stout' } }],
    })
    const fixed = await fetch(`${url}/teapot`, { headers: { 'x-secret': 'tea' } })
    assert.equal(fixed.status, 418)
    assert.equal(await fixed.text(), 'short and stout')
    assert.equal((await fetch(`${url}/teapot`)).status, 503)
  })

  it('refuses to delete a target group that a listener forwards to', async () => {
    const { elb, targetGroup } = await loadBalance()
    await assert.rejects(
      elb.resourceTypes['AWS::ElasticLoadBalancingV2::TargetGroup']!.delete(targetGroup, {}),
      (error: AwsError) => error.code === 'ResourceInUse',
    )
  })

  it('applies a changed idle timeout to the load balancer that runs', async () => {
    const { elb, url, serve, loadBalancer } = await loadBalance()
    await serve(await startTarget(() => {}))
    const properties = {
      Name: 'live-quiz',
      LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
    }
    const type = elb.resourceTypes['AWS::ElasticLoadBalancingV2::LoadBalancer']!
    await type.update!({ ...stack, logicalId: 'LoadBalancer', properties }, loadBalancer, {})
    assert.equal((await fetch(url)).status, 504)
  })

  it('accepts no connection while it has no listener', async () => {
    const { elb, url, listener } = await loadBalance()
    await elb.resourceTypes['AWS::ElasticLoadBalancingV2::Listener']!.delete(listener, {})
    await assert.rejects(fetch(url))
  })

  it('is deleted with its open WebSockets', async () => {
    const { elb, url, serve, loadBalancer } = await loadBalance()
    await serve(await startEcho('a'))
    const socket = await openWebSocket(url)
    const closed = once(socket, 'close')
    await elb.resourceTypes['AWS::ElasticLoadBalancingV2::LoadBalancer']!.delete(loadBalancer, {})
    await closed
  })

  it('is not deleted while its deletion protection is on', async () => {
    const { elb, loadBalancer } = await loadBalance({ loadBalancer: { 'deletion_protection.enabled': 'true' } })
    await assert.rejects(
      elb.resourceTypes['AWS::ElasticLoadBalancingV2::LoadBalancer']!.delete(loadBalancer, {}),
      (error: AwsError) => error.code === 'OperationNotPermitted',
    )
  })

  it('refuses an attribute that AWS or the local AWS does not have', async () => {
    for (const key of ['deregistration_delay.seconds', 'slow_start.duration_seconds']) {
      await assert.rejects(
        loadBalance({ targetGroup: { [key]: '1' } }),
        (error: AwsError) => error.message === `the local AWS has no attribute '${key}'`,
      )
    }
  })

  it('lets go of its port when it is deleted', async () => {
    const { elb, url, loadBalancer } = await loadBalance()
    await elb.resourceTypes['AWS::ElasticLoadBalancingV2::LoadBalancer']!.delete(loadBalancer, {})
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNREFUSED')
  })
})
