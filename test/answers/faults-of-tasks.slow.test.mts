/** What happens to a task: killed, stopped for a while, replaced by another release. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEvent } from './event.mts'
import { killWhileItWrites } from './faults.mts'
import { nothingWrong } from './ledger.mts'
import { twoTasks } from './two-tasks.mts'

describe('no answer is lost, invented, doubled or left without a word', { timeout: 900_000 }, () => {
  const world = twoTasks()

  it('when a task is killed while it writes', async (t) => {
    const event = await startEvent(world(), { players: 100 })
    // first the task of half of the players, then the one that all of them and the host have come to
    for (const [question, place] of [1, 0].entries()) {
      const victim = world().targets()[place]!
      await event.host.ask(question)
      const killed = killWhileItWrites(victim)
      for (const [index, player] of event.players.entries()) {
        player.tap(index % 4)
        if (index % 10 === 9) await sleep(20)
      }
      await killed
      await event.host.result(question)
      await event.host.board()
      await world().startTask(`after question ${question}`)
    }
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.equal(statuses['late'] ?? 0, 0, 'the question waits for players of a task that fell silent')
  })

  it('when a task is stopped for six seconds across the closing, and continued', async (t) => {
    const event = await startEvent(world(), { players: 100 })
    for (const question of [0, 1]) {
      const frozen = world().targets()[1]!
      const closesAt = (await event.host.ask(question))!
      // some never answer: the question closes by its time
      const tapping = event.players.slice(10)
      for (const player of tapping.slice(0, 40)) player.tap(1)
      await sleep(closesAt - 3_000 - Date.now())
      frozen.process.kill('SIGSTOP')
      for (const [index, player] of tapping.slice(40).entries()) player.tap(index % 4)
      await sleep(6_000)
      frozen.process.kill('SIGCONT')
      await event.host.result(question)
      await event.host.board()
    }
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    // half of those who tap while it is stopped are on the other task
    assert.ok((statuses['saved'] ?? 0) >= 2 * (40 + 25), 'everyone who was heard in time')
  })

  it('when a release replaces another in mid-question, and is replaced itself', async (t) => {
    // so soon that the tasks that leave wait for it; it closes when the last one has tapped
    const event = await startEvent(world(), { players: 100, seconds: 10 })
    for (const [question, release] of ['release-2', 'release-1'].entries()) {
      await event.host.ask(question)
      const tapping = (async () => {
        for (const [index, player] of event.players.entries()) {
          player.tap(index % 4)
          await sleep(30)
        }
      })()
      const old = world().targets()
      const exits = old.map(({ process: child }) => once(child, 'exit'))
      for (const task of old) {
        await world().startTask(`${release} for ${task.name}`, release)
        task.isTarget = false
        task.process.kill('SIGTERM')
      }
      await tapping
      await Promise.all(exits)
      assert.deepEqual(
        old.map(({ process: child }) => child.exitCode),
        [0, 0],
      )
      await event.host.result(question)
      await event.host.board()
    }
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.deepEqual(statuses, { saved: 200 })
  })
})
