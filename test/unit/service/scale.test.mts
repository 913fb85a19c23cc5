import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isReached, parseTaskCount } from '../../../lib/service/scale.mts'
import type { Service } from '../../../lib/service/service.mts'

describe('scaling', () => {
  const service = (desiredCount: number, runningCount: number, pendingCount = 0) =>
    ({ desiredCount, deployments: [{ runningCount, pendingCount }] }) as Service
  it('is over when exactly that many tasks run', () => assert.equal(isReached(service(3, 3), 3), true))
  it('is not over while one is on its way', () => assert.equal(isReached(service(3, 3, 1), 3), false))
  it('is not over while too many run', () => assert.equal(isReached(service(1, 2), 1), false))
})

describe('a number of tasks', () => {
  it('is 0 to 99', () => assert.deepEqual(['0', '99'].map(parseTaskCount), [0, 99]))
  for (const odd of ['100', '03', '1e1', ' 3', '']) {
    it(`is not ${JSON.stringify(odd)}`, () => assert.throws(() => parseTaskCount(odd), { exitCode: 2 }))
  }
})
