import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentNames } from '../../../lib/environment/environments.mts'

describe('the names of an environment', () => {
  it('are bare in production', () => {
    assert.equal(environmentNames('production').stack, 'LiveQuizEventStack')
    assert.equal(environmentNames('production').family, 'websocket-task')
  })

  it('end with the environment elsewhere', () => {
    assert.equal(environmentNames('staging').stack, 'LiveQuizEventStack-staging')
    assert.equal(environmentNames('development').cluster, 'live-quiz-cluster-development')
  })
})
