/** Two real backend processes in front of one table; every tap is written down and compared with the log and the CSV. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEvent } from './event.mts'
import { nothingWrong } from './ledger.mts'
import { breakWrites } from './faults.mts'
import { twoTasks } from './two-tasks.mts'

describe('no answer is lost, invented, doubled or left without a word', () => {
  const world = twoTasks()

  it('when nothing goes wrong', async (t) => {
    const event = await startEvent(world())
    for (const question of [0, 1]) {
      await event.host.ask(question)
      for (const [index, player] of event.players.entries()) {
        player.tap(index % 4)
        if (index % 10 === 9) await sleep(50)
      }
      await event.host.result(question)
      await event.host.board()
    }
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.deepEqual(statuses, { saved: 80 })
  })

  it('when one player taps differently in two tabs on two tasks within 50 ms', async (t) => {
    const event = await startEvent(world(), { players: 20 })
    const tabs = await Promise.all(event.players.map((player) => player.openAnotherTab()))
    for (const question of [0, 1]) {
      await event.host.ask(question)
      await Promise.all(
        event.players.map(async (player, index) => {
          const [first, second] = index % 2 === 0 ? [player, tabs[index]!] : [tabs[index]!, player]
          first.tap(0)
          await sleep(Math.random() * 50)
          second.tap(1)
        }),
      )
      await event.host.result(question)
      await event.host.board()
    }
    await Promise.all(tabs.map((tab) => tab.page.until(tab.isAnswered)))
    for (const tab of tabs) tab.close()
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.deepEqual(statuses, { saved: 40, already: 40 }, 'one of the two counts, and the other tab is told which')
  })

  it('when every tenth write is done and its answer lost, and every tenth is throttled', async (t) => {
    const event = await startEvent(world(), { seconds: 60 })
    const broken = breakWrites(world(), { lost: 0.1, throttled: 0.1 })
    for (const question of [0, 1]) {
      await event.host.ask(question)
      for (const [index, player] of event.players.entries()) {
        player.tap(index % 4)
        await sleep(40)
      }
      await event.host.result(question)
      await event.host.board()
    }
    const { lost, throttled } = broken()
    world().heal()
    const { verdict, statuses } = await event.judge()
    t.diagnostic(`${JSON.stringify(statuses)}, ${lost} answers lost, ${throttled} throttled`)
    assert.ok(lost > 0 && throttled > 0)
    assert.deepEqual(verdict, nothingWrong)
    assert.equal(statuses['saved'], 80)
  })

  it('and no log line has a name, a token or a code', () => {
    const { output, secrets } = world()
    const lines = output()
    assert.ok(lines.includes('"message":"figures"'), 'the tasks have logged what they did')
    assert.ok(secrets.size > 200)
    assert.deepEqual(
      [...secrets].filter((secret) => lines.includes(secret)),
      [],
    )
  })
})
