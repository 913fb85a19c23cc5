import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasChanges } from '../../../lib/stack/cdk.mts'

describe('cdk diff', () => {
  it('has no changes when it says so', () =>
    assert.equal(hasChanges('✨  Number of stacks with differences: 0'), false))
  it('has changes otherwise', () =>
    assert.equal(hasChanges('[~] AWS::EC2::VPC\n✨  Number of stacks with differences: 10'), true))
})
