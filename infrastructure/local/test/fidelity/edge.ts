import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../expectations.ts'
import type { FidelityWorld } from './world.ts'

const InvalidationBatch = { Paths: { Quantity: 1, Items: ['/*'] }, CallerReference: 'one' }

/** The load balancer and the distribution of the stack, while a service runs behind them. */
export function edgeTests(world: FidelityWorld): void {
  const { valid, refused, made } = world

  test('load balancing: target health', async () => {
    const group = { TargetGroupArn: made.outputs.TargetGroupArn }
    await valid('elbv2', 'DescribeTargetHealth', group)
    const none = { ...group, Targets: [{ Id: '10.0.0.201', Port: 1 }] }
    await valid('elbv2', 'DescribeTargetHealth', none)
    const missing = { TargetGroupArn: `${made.outputs.TargetGroupArn}0` }
    assert.match(await refused('elbv2', 'DescribeTargetHealth', missing), /^TargetGroupNotFound: /)
  })

  test('CloudFront: distributions and invalidations', async () => {
    await valid('cloudfront', 'ListDistributions')
    const { DistributionId } = made.outputs
    await valid('cloudfront', 'ListInvalidations', { DistributionId })
    const { Invalidation } = await valid<{ Invalidation: { Id: string } }>('cloudfront', 'CreateInvalidation', {
      DistributionId,
      InvalidationBatch,
    })
    await valid('cloudfront', 'ListInvalidations', { DistributionId })
    await eventually('the invalidation is completed', async () => {
      const found = await valid<{ Invalidation: { Status: string } }>('cloudfront', 'GetInvalidation', {
        DistributionId,
        Id: Invalidation.Id,
      })
      return found.Invalidation.Status === 'Completed'
    })
    const lost = { DistributionId: 'EMISSING', InvalidationBatch }
    assert.match(await refused('cloudfront', 'CreateInvalidation', lost), /^NoSuchDistribution: /)
    const missing = { DistributionId, Id: 'IMISSING' }
    assert.match(await refused('cloudfront', 'GetInvalidation', missing), /^NoSuchInvalidation: /)
  })
}
