import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runCheck, passed } from '../../../lib/check/finding.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { pause, runTogether } from '../../../lib/script/job.mts'

it('a check that was stopped has no finding', async () => {
  let seen: unknown
  const lost = new Failure('someone else has the lock', 'look who')
  const work = {
    check: async () => (seen = await runCheck('slow', async () => (await pause(30_000), passed('done')))),
    other: async () => Promise.reject(lost),
  }
  await assert.rejects(runTogether(work), lost)
  assert.equal(seen, undefined)
})
