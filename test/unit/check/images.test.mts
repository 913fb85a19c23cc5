import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endangered, keptDigests, type LifecycleRule } from '../../../lib/check/images.mts'
import type { ReleaseRecord } from '../../../lib/ledger/record.mts'

describe('the images to keep', () => {
  const release = (id: string, digest: string, status = 'deployed') =>
    ({ id, components: { backend: { status, seconds: 1, digest } } }) as unknown as ReleaseRecord

  it('are the running one and those of the last verified releases, ten in all', () => {
    const records = [release('bad', 'x', 'failed'), ...Array.from({ length: 12 }, (_, n) => release(`r${n}`, `d${n}`))]
    const kept = keptDigests({ digest: 'running', release: 'by-hand' }, records)
    assert.deepEqual([...kept.keys()], ['running', 'd0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8'])
    assert.equal(kept.get('running'), 'by-hand')
  })
})

describe('a kept image', () => {
  const now = new Date('2026-11-25T00:00:00Z')
  const day = 24 * 60 * 60 * 1000
  const image = (digest: string, age: number, ...tags: string[]) => ({
    digest,
    tags,
    pushedAt: new Date(now.getTime() - age),
  })
  const rule = (
    rulePriority: number,
    tagStatus: LifecycleRule['selection']['tagStatus'],
    countType: LifecycleRule['selection']['countType'],
    countNumber: number,
    tagPatternList?: string[],
  ): LifecycleRule => ({
    rulePriority,
    selection: { tagStatus, countType, countNumber, ...(tagPatternList ? { tagPatternList } : {}) },
  })
  const keep = (count: number) => [rule(1, 'any', 'imageCountMoreThan', count)]
  const kept = new Map([['a', 'r1']])
  const two = [image('a', 2), image('b', 1, 'latest')]

  it('is safe from a rule that counts further', () => {
    assert.deepEqual(endangered(kept, two, keep(3), now), { gone: [], expiring: [] })
  })

  it('expires when the next push makes one too many', () => {
    assert.deepEqual(endangered(kept, two, keep(2), now).expiring, ['a'])
  })

  it('expires when only latest protects it, which the next push moves', () => {
    const rules = [rule(1, 'untagged', 'sinceImagePushed', 0)]
    assert.deepEqual(endangered(kept, [image('a', 2, 'latest')], rules, now).expiring, ['a'])
  })

  it('expires by age only after the days of the rule', () => {
    const rules = [rule(1, 'any', 'sinceImagePushed', 14)]
    assert.deepEqual(endangered(kept, [image('a', 15 * day)], rules, now).expiring, ['a'])
    assert.deepEqual(endangered(kept, [image('a', 13 * day)], rules, now).expiring, [])
  })

  it('is the business of the first rule that selects it', () => {
    const rules = [
      rule(2, 'any', 'imageCountMoreThan', 1),
      rule(1, 'tagged', 'imageCountMoreThan', 9, ['r*', '*-keep']),
    ]
    assert.deepEqual(endangered(kept, [image('a', 2, 'r1', 'v1-keep'), image('b', 1)], rules, now).expiring, [])
    assert.deepEqual(endangered(kept, [image('a', 2, 'r1'), image('b', 1)], rules, now).expiring, ['a'])
  })

  it('counts only images that the rule selects', () => {
    const rules = [rule(1, 'tagged', 'imageCountMoreThan', 1, ['r*'])]
    assert.deepEqual(endangered(kept, [image('a', 2, 'r1'), image('b', 1, 'x')], rules, now).expiring, [])
    assert.deepEqual(endangered(kept, [image('a', 2, 'r1'), image('b', 1, 'r2')], rules, now).expiring, ['a'])
  })

  it('may be gone already', () => {
    assert.deepEqual(endangered(kept, [], [], now).gone, ['a'])
  })
})
