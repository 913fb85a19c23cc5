import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePromotionTarget } from '../../../lib/promotion/source.mts'

describe('a promotion', () => {
  it('goes from one environment to another, in any direction', () => {
    assert.equal(parsePromotionTarget('staging', 'production'), 'production')
    assert.equal(parsePromotionTarget('production', 'staging'), 'staging')
  })

  for (const to of [undefined, 'staging', 'prod']) {
    it(`does not go from staging to ${to ?? 'nowhere'}`, () => {
      assert.throws(() => parsePromotionTarget('staging', to), { exitCode: 2 })
    })
  }
})
