import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { releaseId } from '../../../lib/environment/checkout.mts'

describe('the id of a release', () => {
  const now = new Date('2026-11-23T10:15:00.123Z')

  it('is the time and the commit', () => {
    assert.equal(releaseId(now, '12e4567', false), '20261123T101500Z-12e4567')
  })

  it('says that the working tree had uncommitted changes', () => {
    assert.equal(releaseId(now, '0012345', true), '20261123T101500Z-0012345-dirty')
  })
})
