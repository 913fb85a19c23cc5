import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeLock, isStale } from '../../../lib/ledger/lock.mts'
import { clock } from '../../../lib/ledger/record.mts'

const now = Date.parse('2026-11-23T10:20:00Z')

describe('a lock', () => {
  for (const [expiry, stale] of [
    ['2026-11-23T10:25:00.000Z', false],
    ['2026-11-23T10:20:00.000Z', false],
    ['2026-11-23T10:19:00.000Z', false],
    ['2026-11-23T10:18:59.999Z', true],
    ['2026-11-22T10:20:00.000Z', true],
  ] as const) {
    it(`that expires at ${expiry} is ${stale ? 'stale' : 'held'} at 10:20`, () => {
      assert.equal(isStale({ expiry }, 60_000, now), stale)
    })
  }

  it('says who, where, what, since when and which release', () => {
    const lock = {
      holder: 'h',
      by: 'ana',
      host: 'laptop',
      pid: 4711,
      command: 'make deploy-prod',
      release: '20261123T101501Z-1a2b3c4',
      since: '2026-11-23T10:15:02.123Z',
      expiry: '2026-11-23T10:21:00.000Z',
    }
    assert.equal(
      describeLock(lock, now),
      'ana on laptop (process 4711), make deploy-prod since 10:15:02 UTC (4 min 58 s), release 20261123T101501Z-1a2b3c4',
    )
  })

  it('is never held for less than no time, whatever the other clock says', () => {
    const lock = { holder: 'h', by: 'a', host: 'b', pid: 1, command: 'c', release: 'r', expiry: '' }
    assert.match(describeLock({ ...lock, since: '2026-11-23T10:20:30.000Z' }, now), /\(0 s\)/)
  })
})

it('a time of another day carries its day', () => {
  assert.equal(clock('2026-11-23T10:15:02.123Z', now), '10:15:02 UTC')
  assert.equal(clock('2026-11-22T23:59:59.000Z', now), '2026-11-22 23:59:59 UTC')
})
