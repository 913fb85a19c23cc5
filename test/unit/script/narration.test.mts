import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { duration } from '../../../lib/script/narration.mts'

describe('a duration', () => {
  it('is in minutes and seconds', () => {
    assert.deepEqual([400, 42_000, 185_000].map(duration), ['0 s', '42 s', '3 min 5 s'])
  })
})
