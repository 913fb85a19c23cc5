import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { outputKeys } from '../../../lib/stack/outputs.mts'
import { checkedOutputs } from '../../../lib/stack/stack.mts'

describe('the outputs of a stack', () => {
  it('are returned when none is missing', () => {
    const outputs = Object.fromEntries(outputKeys.map((key) => [key, 'value']))
    assert.deepEqual(checkedOutputs(outputs, 'S', 'deploy'), outputs)
  })

  it('are refused, with the names of those that are missing', () => {
    assert.throws(
      () => checkedOutputs({ DistributionId: 'E1' }, 'S', 'deploy'),
      /has no output LoadBalancerDnsName, DistributionDomainName, SiteBucketName/,
    )
  })
})
