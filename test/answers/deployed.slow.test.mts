/*
 * Two hundred players behind CDN and load balancer, while an operator changes what serves them: in the middle of a
 * question, with half of the taps at the moment when a phone loses its task. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isQuiet } from '../e2e/support/quiet.mts'
import { type Deployed, deployTwoTasks, type Timings } from './deployed.mts'
import { startEvent } from './event.mts'
import { nothingWrong } from './ledger.mts'

/** Milliseconds between two taps of those who tap at any time: until a rollout is over. */
const paces: Record<Timings, number> = { instant: 100, lifelike: 500 }

for (const timings of ['instant', 'lifelike'] as const) {
  describe(`no answer is lost, invented, doubled or left without a word, with ${timings} timings`, () => {
    let world: Deployed

    before(async () => {
      world = await deployTwoTasks(7300, timings)
    })
    after(() => world?.remove())

    /** @returns how many players came to another task */
    async function changeInMidQuestion(t: TestContext, command: string[]): Promise<number> {
      // it closes when the last one has tapped
      const event = await startEvent(world, { players: 200, questions: 1, seconds: null })
      const { host, players } = event
      await host.ask(0)
      let isOver = false
      let disturbed = 0
      const change = (async () => {
        const ran = await world.copy.run(command)
        assert.equal(ran.exitCode, 0, ran.output)
        const exitCodes = await world.stopped()
        isOver = true
        return { seconds: ran.seconds, exitCodes }
      })()
      const taps = players.map(async ({ page, tap }, index) => {
        await page.until(() => page.state?.phase === 'question')
        // half of them; two by two, since the load balancer takes tasks in turn
        const anyTime = index % 4 < 2
        await Promise.race([change, anyTime ? sleep(index * paces[timings]) : page.disturbed])
        if (!anyTime && !isOver) disturbed += 1
        tap(index % 4)
      })
      await Promise.all(taps)
      const { seconds, exitCodes } = await change
      await host.result(0)
      // who had tapped before need not be back for it
      await Promise.all([host, ...players].map(({ page }) => page.until(page.isIn)))
      const moved = players.filter(({ page }) => page.entered() > 1).length
      const gaps = [host, ...players].flatMap(({ page }) => page.gaps.map(Math.round))
      const { verdict, statuses } = await event.judge()
      t.diagnostic(
        `${JSON.stringify(statuses)} in ${seconds.toFixed(1)} s; ${moved} players moved, ${disturbed} tapped just then; ` +
          `${gaps.length} without a connection, for ${Math.max(0, ...gaps)} ms at most`,
      )
      assert.deepEqual(verdict, nothingWrong)
      // whose acknowledgement stayed behind on the connection that was left sends again, and is told that it is there
      const { saved = 0, already = 0, ...others } = statuses
      assert.deepEqual([saved + already, others], [200, {}])
      assert.deepEqual(
        exitCodes.filter((code) => code !== 0),
        [],
      )
      // half of them wait for it
      assert.equal(disturbed > 0, moved > 0)
      // it has four seconds to enter elsewhere
      if (timings === 'lifelike' && isQuiet(t))
        assert.deepEqual(gaps, [], 'a page that is told in time is never without a connection')
      return moved
    }

    it('when the backend is deployed again', async (t) => {
      assert.equal(await changeInMidQuestion(t, ['./deploy/backend.mts', 'local', '--redeploy']), 200)
    })

    it('when it is rolled back', async (t) => {
      assert.equal(await changeInMidQuestion(t, ['make', 'rollback', 'ENV=local']), 200)
    })

    it('when a task is added', async (t) => {
      assert.equal(await changeInMidQuestion(t, ['make', 'scale', 'ENV=local', 'COUNT=3']), 0)
    })

    it('when three tasks become one', async (t) => {
      // the third may have become a target only after the players had come
      assert.ok((await changeInMidQuestion(t, ['make', 'scale', 'ENV=local', 'COUNT=1'])) >= 100)
    })

    it('and no log line has a name, a token or a code', async () => {
      const lines = await world.output()
      assert.ok(lines.includes('"message":"draining"'), 'the tasks have logged what they did')
      assert.ok(world.secrets.size > 1_600)
      assert.deepEqual(
        [...world.secrets].filter((secret) => lines.includes(secret)),
        [],
      )
    })
  })
}
