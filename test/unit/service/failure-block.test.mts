import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withoutValues } from '../../../lib/service/failure-block.mts'

describe('what changed since the last good release', () => {
  it('names variables without their values, and digests without their repository', () => {
    assert.deepEqual(
      withoutValues([
        { path: 'cpu', from: '256', to: '512' },
        { path: 'containerDefinitions.web.environment.TOKEN', from: 'hunter2', to: 'hunter3\nand: more' },
        { path: 'containerDefinitions.web.environment.NEW', from: undefined, to: 'hunter2' },
        { path: 'containerDefinitions.web.environment.OLD', from: 'hunter2', to: undefined },
        { path: 'containerDefinitions.web.image', from: '1.example/name@sha256:aa', to: '1.example/name@sha256:bb' },
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
