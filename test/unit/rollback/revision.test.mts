import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRevisionNumber } from '../../../lib/rollback/revision.mts'

describe('the number of a revision', () => {
  it('is what was typed', () => assert.deepEqual(['1', '12', '999999999'].map(parseRevisionNumber), [1, 12, 999999999]))

  for (const odd of ['', '0', '012', '1e10', '+1', '-1', ' 1', '1.0', '1000000000', 'websocket-task:12']) {
    it(`is not ${JSON.stringify(odd)}`, () => assert.throws(() => parseRevisionNumber(odd), { exitCode: 2 }))
  }
})
