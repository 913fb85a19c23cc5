import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containersOfOthers } from '../cli/docker/private-engine.mts'

describe('our Docker engine, when make local-down asks whether it may go', () => {
  it('counts the containers that someone else made, and not what a failed build left', () => {
    const listed = [
      'postgres\trunning\tpostgres:17',
      'stopped\texited\tlive-quiz-backend:latest',
      'by-id\trunning\t1da3658cc1e6',
      'eager_lamport\texited\t1da3658cc1e6',
      'sad_curie\tcreated\tsha256:1da3658cc1e61da3658cc1e6',
    ]
    assert.deepEqual(containersOfOthers(listed.join('\n') + '\n'), ['postgres', 'stopped', 'by-id'])
    assert.deepEqual(containersOfOthers(''), [])
  })
})
