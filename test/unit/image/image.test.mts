import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pinned } from '../../../lib/image/image.mts'

describe('the reference of an image', () => {
  const references: [string, string | undefined][] = [
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com/live-quiz-backend@sha256:ab', 'sha256:ab'],
    ['127.0.0.1:4566/live-quiz-backend-local@sha256:ab', 'sha256:ab'],
    ['127.0.0.1:4566/live-quiz-backend-local:latest', undefined],
    ['live-quiz-backend', undefined],
  ]
  for (const [reference, digest] of references) {
    it(`${reference} is ${digest ? 'pinned' : 'not pinned'} by digest`, () => {
      assert.equal(pinned(reference)?.digest, digest)
    })
  }
})
