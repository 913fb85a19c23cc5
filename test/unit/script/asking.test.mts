import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { untilAnswered } from '../../../lib/script/asking.mts'
import { Failure, Unanswered } from '../../../lib/script/failure.mts'

const throttled = new Unanswered('Rate exceeded', 'wait', true)

/** Answers with these, one after the other; an error is thrown. */
function answering(...answers: unknown[]) {
  return async () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer
  }
}

describe('a question is asked', () => {
  it('again until someone answers', async () => {
    assert.equal(await untilAnswered(answering(throttled, throttled, 'yes'), { within: 1000, every: 1 }), 'yes')
  })

  it('until the time is over, and is then unanswered', async () => {
    await assert.rejects(untilAnswered(answering(throttled, 'yes'), { within: 0, every: 1 }), throttled)
  })

  it('once, when credentials have expired or the answer is an error', async () => {
    for (const failure of [new Unanswered('expired', 'aws sso login', false), new Failure('no such service', 'x')])
      await assert.rejects(untilAnswered(answering(failure, 'yes'), { within: 1000, every: 1 }), failure)
  })
})
