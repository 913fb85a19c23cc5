import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ReleaseRecord, Status } from '../../../lib/ledger/record.mts'
import { releaseBefore, unfinishedReturn } from '../../../lib/rollback/release.mts'
import { record } from '../ledger/fixtures/record.mts'

type Live = { taskDefinition: string; site: string }

/** A release of backend and site; an empty name: it was not about that one. */
function released(id: string, taskDefinition: string, site: string, rest: Partial<ReleaseRecord> = {}): ReleaseRecord {
  const status: Status = 'deployed'
  const components = {
    ...(taskDefinition && { backend: { status, seconds: 60, taskDefinition } }),
    ...(site && { frontend: { status, seconds: 9, release: site } }),
  }
  return record(id, components, rest)
}

const live = (taskDefinition: string, site: string): Live => ({ taskDefinition, site })

describe('the release before the one that is live', () => {
  const three = [released('r3', 't3', 's3'), released('r2', 't2', 's2'), released('r1', 't1', 's1')]

  it('is the last one after which both were proven', () => {
    assert.equal(releaseBefore(three, live('t3', 's3')), 'r2')
    assert.equal(releaseBefore(three, live('t2', 's2')), 'r1')
    assert.equal(releaseBefore(three, live('t1', 's1')), undefined)
  })

  it('counts a release of one part with what the other part was then', () => {
    const records = [released('site', '', 's4'), released('backend', 't4', ''), ...three]
    assert.equal(releaseBefore(records, live('t4', 's4')), 'backend')
    assert.equal(releaseBefore(records, live('t4', 's3')), 'r3')
  })

  it('is none that failed half-way, though its first half is live', () => {
    const half = released('half', 't4', '', { verdict: 'failed' })
    assert.equal(releaseBefore([half, ...three], live('t4', 's3')), 'r3')
  })

  it('goes one further back after a rollback of both', () => {
    const back = released('back', 't2', 's2', { rollbackOf: 'r3' })
    assert.equal(releaseBefore([back, ...three], live('t2', 's2')), 'r1')
  })

  it('is the one that was left, after a step forward to what a rollback had popped', () => {
    const records = [
      released('forth', 't3', 's3', { rollbackOf: 'back' }),
      released('back', 't1', 's1', { rollbackOf: 'r3' }),
    ]
    assert.equal(releaseBefore([...records, ...three], live('t3', 's3')), 'r1')
  })

  it('lets the other part follow where only one was rolled back', () => {
    const back = released('back', 't1', '', { rollbackOf: 'r3' })
    assert.equal(releaseBefore([back, ...three], live('t1', 's3')), 'r1')
  })

  it('is the topmost when the ledger does not know what is live', () => {
    assert.equal(releaseBefore(three, live('t9', 's9')), 'r3')
    assert.equal(releaseBefore([], live('t9', 's9')), undefined)
  })
})

describe('a return of both that ended before it was verified', () => {
  const three = [released('r3', 't3', 's3'), released('r2', 't2', 's2'), released('r1', 't1', 's1')]
  const ended = (verdict: Status, site = '') => released('back', '', site, { verdict, rollbackOf: 'r3' })

  it('is continued, and goes back no further', () => {
    for (const verdict of ['still running', 'not verified', 'stopped', 'under way'] as const) {
      assert.equal(unfinishedReturn([ended(verdict, 's2'), ...three], live('t2', 's2')), 'r2')
      assert.equal(unfinishedReturn([ended(verdict, 's2'), ...three], live('t3', 's2')), 'r2')
      assert.equal(unfinishedReturn([ended(verdict), ...three], live('t3', 's3')), 'r2')
    }
  })

  it('is continued however often', () => {
    const records = [ended('not verified'), ended('still running', 's2'), ...three]
    assert.equal(unfinishedReturn(records, live('t2', 's2')), 'r2')
  })

  it('is none when something else is live by now, or when it failed', () => {
    assert.equal(unfinishedReturn([ended('still running'), ...three], live('t9', 's2')), undefined)
    assert.equal(unfinishedReturn([ended('failed'), ...three], live('t2', 's2')), undefined)
  })
})
