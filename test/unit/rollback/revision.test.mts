import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Status } from '../../../lib/ledger/record.mts'
import { parseRevisionNumber, requirePreviousRevision } from '../../../lib/rollback/revision.mts'
import { record } from '../ledger/fixtures/record.mts'

describe('the number of a revision', () => {
  it('is what was typed', () => assert.deepEqual(['1', '12', '999999999'].map(parseRevisionNumber), [1, 12, 999999999]))

  for (const odd of ['', '0', '012', '1e10', '+1', '-1', ' 1', '1.0', '1000000000', 'websocket-task:12']) {
    it(`is not ${JSON.stringify(odd)}`, () => assert.throws(() => parseRevisionNumber(odd), { exitCode: 2 }))
  }
})

describe('the revision before the one that runs', () => {
  const verified = (id: string, taskDefinition: string, status: Status = 'deployed', rollbackOf?: string) =>
    record(
      id,
      { backend: { status, seconds: 60, taskDefinition } },
      { verdict: status, ...(rollbackOf ? { rollbackOf } : {}) },
    )
  const three = [verified('r3', 'task:3'), verified('r2', 'task:2'), verified('r1', 'task:1')]
  const previous = (records: typeof three, running: string) =>
    requirePreviousRevision({ environment: 'staging' }, records, running)

  it('is the last verified one before it', () => {
    assert.equal(previous(three, 'task:3'), 2)
    assert.equal(previous(three, 'task:2'), 1)
    assert.throws(() => previous(three, 'task:1'), /no verified release before task:1/)
  })

  it('is itself while a rollback to it is not verified: the same command goes back no further', () => {
    for (const verdict of ['still running', 'not verified', 'stopped'] as const)
      assert.equal(previous([verified('back', 'task:2', verdict, 'r3'), ...three], 'task:2'), 2)
    assert.equal(previous([verified('back', 'task:2', 'deployed', 'r3'), ...three], 'task:2'), 1)
  })
})
