import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../../../lib/script/failure.mts'
import {
  liveAfter,
  badEnd,
  previousVerified,
  statusOf,
  unfinishedRollback,
  type Component,
  type ComponentRecord,
  type ReleaseRecord,
  type Status,
} from '../../../lib/ledger/record.mts'
import { record } from './fixtures/record.mts'

type Components = { [Name in Component]?: ComponentRecord }

const backend = (taskDefinition: string, status: Status = 'deployed'): Components => ({
  backend: { status, seconds: 60, taskDefinition },
})
const idOf = (found: ReleaseRecord | undefined) => found?.id

describe('the status that a failure means', () => {
  for (const [exitCode, status] of [
    [1, 'failed'],
    [2, 'failed'],
    [3, 'rolled back'],
    [4, 'superseded'],
    [5, 'still running'],
    [6, 'not verified'],
    [130, 'stopped'],
    [143, 'stopped'],
  ] as const) {
    it(`is "${status}" for exit code ${exitCode}`, () => {
      assert.equal(statusOf(new Failure('fact', 'remedy', exitCode)), status)
    })
  }

  it('is "failed" for a bug', () => {
    assert.equal(statusOf(new TypeError('x is not a function')), 'failed')
  })
})

describe('what is live after a release', () => {
  it('is what each component was proven to be last', () => {
    const site: Components = { frontend: { status: 'deployed', seconds: 9, release: 'r2' } }
    const live = liveAfter([record('r3', backend('task:3')), record('r2', site), record('r1', backend('task:1'))])
    assert.equal(live.backend?.taskDefinition, 'task:3')
    assert.equal(live.frontend?.release, 'r2')
    assert.equal(live.frontend?.record.id, 'r2')
    assert.equal(live.infrastructure, undefined)
  })

  for (const status of ['failed', 'rolled back', 'superseded', 'still running', 'not verified', 'stopped'] as const) {
    it(`does not count what is ${status}`, () => {
      const live = liveAfter([record('r2', backend('task:2', status)), record('r1', backend('task:1', 'unchanged'))])
      assert.equal(live.backend?.taskDefinition, 'task:1')
    })
  }
})

describe('the release to roll back to', () => {
  const three = [record('r3', backend('task:3')), record('r2', backend('task:2')), record('r1', backend('task:1'))]

  it('is the verified one before the one that is live', () => {
    assert.equal(idOf(previousVerified(three, 'backend', 'task:3')), 'r2')
  })

  it('skips releases that failed or were rolled back', () => {
    const records = [three[0]!, record('r2', backend('task:2', 'rolled back')), three[2]!]
    assert.equal(idOf(previousVerified(records, 'backend', 'task:3')), 'r1')
  })

  it('goes one further back after a rollback', () => {
    const records = [record('back', backend('task:2'), { rollbackOf: 'r3' }), ...three]
    assert.equal(idOf(previousVerified(records, 'backend', 'task:2')), 'r1')
  })

  it('goes one further back also when a deployment after it changed nothing', () => {
    const records = [
      record('again', backend('task:2', 'unchanged')),
      record('back', backend('task:2'), { rollbackOf: 'r3' }),
      ...three,
    ]
    assert.equal(idOf(previousVerified(records, 'backend', 'task:2')), 'r1')
  })

  it('is the one that a rollback restored, after another was deployed', () => {
    const records = [record('r4', backend('task:4')), record('back', backend('task:1'), { rollbackOf: 'r3' }), ...three]
    assert.equal(idOf(previousVerified(records, 'backend', 'task:4')), 'r1')
  })

  it('is the one that was left, after a step forward to what a rollback had popped', () => {
    const records = [
      record('forth', backend('task:3'), { rollbackOf: 'r2' }),
      record('back', backend('task:2'), { rollbackOf: 'r3' }),
      ...three,
    ]
    assert.equal(idOf(previousVerified(records, 'backend', 'task:3')), 'r2')
  })

  it('is one below what someone set the service back to by hand', () => {
    assert.equal(idOf(previousVerified(three, 'backend', 'task:2')), 'r1')
  })

  it('is the topmost when the ledger does not know what is live', () => {
    assert.equal(idOf(previousVerified(three, 'backend', 'task:99')), 'r3')
  })

  it('does not exist for the first release', () => {
    assert.equal(previousVerified(three, 'backend', 'task:1'), undefined)
    assert.equal(previousVerified([], 'backend', 'task:1'), undefined)
  })

  it('of the frontend is identified by the release of the page', () => {
    const site = (release: string): Components => ({ frontend: { status: 'deployed', seconds: 9, release } })
    assert.equal(idOf(previousVerified([record('r2', site('r2')), record('r1', site('r1'))], 'frontend', 'r2')), 'r1')
  })

  it('of the infrastructure is identified by its commit', () => {
    const stack: Components = { infrastructure: { status: 'deployed', seconds: 9 } }
    const stacks = [record('r3', stack), record('r2', stack, { sha: 'sha-r3' }), record('r1', stack)]
    assert.equal(idOf(previousVerified(stacks, 'infrastructure', 'sha-r3')), 'r1')
  })
})

describe('a revision whose deployment ended badly', () => {
  const bad = (id: string, status: Status) => record(id, { backend: { status, seconds: 1, reason: 'it crashed' } })
  it('is found with its status and reason', () => {
    assert.equal(badEnd([bad('r2', 'rolled back')], 'task:2', 'r2')?.reason, 'it crashed')
    assert.equal(badEnd([bad('r2', 'failed')], 'task:2', 'r2')?.status, 'failed')
  })

  it('is not found when a later deployment brought it up', () => {
    assert.equal(badEnd([record('r3', backend('task:2')), bad('r2', 'failed')], 'task:2', 'r2'), undefined)
  })

  it('is not found when its deployment was interrupted', () => {
    assert.equal(badEnd([bad('r2', 'stopped')], 'task:2', 'r2'), undefined)
  })

  it('is not found when the ledger does not know it', () => {
    assert.equal(badEnd([bad('r2', 'failed')], 'task:1', 'r1'), undefined)
  })
})

describe('a rollback that ended before it was verified', () => {
  const earlier = [record('r13', backend('task:13')), record('r12', backend('task:12'))]
  for (const verdict of ['still running', 'not verified', 'stopped'] as const) {
    it(`is known by its record: ${verdict}`, () => {
      const last = record('back', backend('task:11', verdict), { verdict, rollbackOf: 'r13' })
      assert.deepEqual(unfinishedRollback([last, ...earlier]), { rollbackOf: 'r13', revision: 'task:11' })
    })
  }

  it('was going to the previous verified one, when it was killed before it could write that down', () => {
    const last = record('back', {}, { verdict: 'under way', rollbackOf: 'r13' })
    assert.deepEqual(unfinishedRollback([last, ...earlier]), { rollbackOf: 'r13', revision: 'task:12' })
  })

  it('is none that failed, was verified, or was a deployment', () => {
    for (const verdict of ['failed', 'rolled back', 'deployed', 'unchanged'] as const)
      assert.equal(unfinishedRollback([record('back', {}, { verdict, rollbackOf: 'r13' }), ...earlier]), undefined)
    assert.equal(unfinishedRollback([record('r14', {}, { verdict: 'still running' }), ...earlier]), undefined)
    assert.equal(unfinishedRollback([]), undefined)
  })
})
