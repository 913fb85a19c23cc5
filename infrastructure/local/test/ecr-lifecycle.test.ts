import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Blobs } from '../ecr/blobs.ts'
import { imageActions } from '../ecr/images.ts'
import { checkLifecyclePolicy, expiredDigests } from '../ecr/lifecycle-policy.ts'
import { createRepositories } from '../ecr/repositories.ts'

const now = new Date('2026-11-23T12:00:00Z')
/** Digest, age in days, tags; oldest first, as they were pushed. */
const images = (
  [
    ['a', 40, 'release-1'],
    ['b', 30],
    ['c', 20, 'release-2', 'latest'],
    ['d', 1, 'dirty-1'],
    ['e', 0, 'dirty-2'],
  ] as [string, number, ...string[]][]
).map(([digest, age, ...tags]) => ({ digest, tags, pushedAt: new Date(now.getTime() - age * 24 * 3600 * 1000) }))

const rule = (rulePriority: number, selection: object) => ({ rulePriority, selection, action: { type: 'expire' } })
const more = (countNumber: number) => ({ countType: 'imageCountMoreThan', countNumber })
const days = (countNumber: number) => ({ countType: 'sinceImagePushed', countNumber, countUnit: 'days' })

const cases: [name: string, rules: object[], digests: string[]][] = [
  ['all but the newest of any', [rule(1, { tagStatus: 'any', ...more(2) })], ['a', 'b', 'c']],
  ['what is older than the days', [rule(1, { tagStatus: 'any', ...days(25) })], ['a', 'b']],
  ['only what has no tag', [rule(1, { tagStatus: 'untagged', ...days(1) })], ['b']],
  ['nothing while there are no more images than may stay', [rule(1, { tagStatus: 'any', ...more(9) })], []],
  [
    'what a lower-priority rule counts although a higher one expires it',
    [rule(1, { tagStatus: 'untagged', ...days(1) }), rule(2, { tagStatus: 'any', ...more(3) })],
    ['a', 'b'],
  ],
  [
    'not what a higher-priority rule asks for, though it counts',
    [rule(2, { tagStatus: 'any', ...more(1) }), rule(1, { tagStatus: 'untagged', ...more(5) })],
    ['a', 'c', 'd'],
  ],
]

describe('a lifecycle policy expires', () => {
  for (const [name, rules, digests] of cases) {
    it(name, () => assert.deepEqual(expiredDigests(JSON.stringify({ rules }), images, now), digests))
  }
  it('nothing by a tag: such a rule is refused', () => {
    const policy = JSON.stringify({ rules: [rule(1, { tagStatus: 'tagged', tagPrefixList: ['a'], ...more(1) })] })
    assert.throws(() => checkLifecyclePolicy(policy), /rule 1: the local AWS has no tagStatus tagged/)
  })
})

describe('a call of ECR', () => {
  const { ListImages } = imageActions(createRepositories('127.0.0.1:9', {} as Blobs))
  const call = { action: 'ListImages', accessKeyId: '', requestId: '', reply: { status: 200, headers: {} } }
  for (const parameter of ['filter', 'registryId']) {
    it(`with ${parameter} is refused`, () => {
      assert.throws(
        () => ListImages!({ repositoryName: 'a', [parameter]: 'b' }, call),
        new RegExp(`Invalid parameter at '${parameter}' .*the local AWS does not have it`),
      )
    })
  }
})
