import assert from 'node:assert/strict'
import { it } from 'node:test'
import { attempt, passed } from '../../../lib/check/finding.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { pause, together } from '../../../lib/script/job.mts'

it('a check that was stopped has no finding', async () => {
  let seen: unknown
  const lost = new Failure('someone else has the lock', 'look who')
  const work = {
    check: async () => (seen = await attempt('slow', async () => (await pause(30_000), passed('done')))),
    other: async () => Promise.reject(lost),
  }
  await assert.rejects(together(work), lost)
  assert.equal(seen, undefined)
})
