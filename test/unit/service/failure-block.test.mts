import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withoutValues } from '../../../lib/service/failure-block.mts'

describe('what changed since the last good release', () => {
  it('names variables without their values, and digests without their repository', () => {
    assert.deepEqual(
      withoutValues([
        'cpu: 256 → 512',
        'containerDefinitions.web.environment.TOKEN: hunter2 → hunter3\nand: more',
        'containerDefinitions.web.environment.NEW: (none) → hunter2',
        'containerDefinitions.web.environment.OLD: hunter2 → (none)',
        'containerDefinitions.web.image: 1.example/name@sha256:aa → 1.example/name@sha256:bb',
      ]),
      [
        'cpu: 256 → 512',
        'environment: TOKEN changed',
        'environment: NEW is new',
        'environment: OLD is gone',
        'image: sha256:aa → sha256:bb',
      ],
    )
  })
})
