import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mismatchFailure } from '../../../lib/environment/target.mts'

describe('an account', () => {
  const table: [string, string, boolean, RegExp | undefined][] = [
    ['123456789012', '123456789012', false, undefined],
    ['', '123456789012', false, undefined],
    ['123456789012', '999999999999', false, /for account 999999999999, but staging belongs to 123456789012/],
    ['123456789012', '000000000000', true, undefined],
    ['123456789012', '123456789012', true, /belongs to 000000000000/],
  ]
  for (const [configured, found, local, fact] of table) {
    it(`${found}, expected ${configured || 'nowhere'}${local ? ', local' : ''}: ${fact ? 'refused' : 'accepted'}`, () => {
      const failure = mismatchFailure('staging', configured, found, local)
      if (fact) assert.match(failure?.message ?? '', fact)
      else assert.equal(failure, undefined)
    })
  }

  it('is never a real one for the environment local', () => {
    assert.match(mismatchFailure('local', '', '000000000000', false)?.message ?? '', /only on the AWS of this machine/)
  })
})
