import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expiredDigests } from '../ecr/lifecycle-policy.ts'

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
  ['by the beginning of a tag', [rule(1, { tagStatus: 'tagged', tagPrefixList: ['release-'], ...more(1) })], ['a']],
  ['by all of the prefixes', [rule(1, { tagStatus: 'tagged', tagPrefixList: ['release-', 'lat'], ...days(1) })], ['c']],
  ['by a pattern', [rule(1, { tagStatus: 'tagged', tagPatternList: ['*-1'], ...days(0.5) })], ['a', 'd']],
  [
    'by a pattern with several wildcards',
    [rule(1, { tagStatus: 'tagged', tagPatternList: ['d*t*-*'], ...more(1) })],
    ['d'],
  ],
  [
    'nothing by a pattern that only a part of a tag matches',
    [rule(1, { tagStatus: 'tagged', tagPatternList: ['*ty', 'late'], ...days(0.5) })],
    [],
  ],
  ['nothing while there are no more images than may stay', [rule(1, { tagStatus: 'any', ...more(9) })], []],
  [
    'what a lower-priority rule counts although a higher one expires it',
    [rule(1, { tagStatus: 'untagged', ...days(1) }), rule(2, { tagStatus: 'any', ...more(3) })],
    ['a', 'b'],
  ],
  [
    'not what a higher-priority rule asks for, though it counts',
    [
      rule(2, { tagStatus: 'any', ...more(1) }),
      rule(1, { tagStatus: 'tagged', tagPrefixList: ['release-'], ...more(5) }),
    ],
    ['b', 'd'],
  ],
]

describe('a lifecycle policy expires', () => {
  for (const [name, rules, digests] of cases) {
    it(name, () => assert.deepEqual(expiredDigests(JSON.stringify({ rules }), images, now), digests))
  }
})
