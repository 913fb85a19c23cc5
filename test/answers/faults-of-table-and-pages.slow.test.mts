/** What happens to the table, to phones and to hosts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PlayedEvent, startEvent } from './event.mts'
import { breakWrites } from './faults.mts'
import { openHost } from './host.mts'
import { nothingWrong } from './ledger.mts'
import { twoTasks } from './two-tasks.mts'

describe('no answer is lost, invented, doubled or left without a word', () => {
  const world = twoTasks()

  /** Everyone taps within a second or so. */
  async function tapAll({ players }: PlayedEvent): Promise<void> {
    for (const [index, player] of players.entries()) {
      player.tap(index % 4)
      if (index % 5 === 4) await sleep(25)
    }
  }

  for (const [name, shares] of [
    ['when the answers of a tenth of the writes are lost', { lost: 0.1, throttled: 0 }],
    ['when a tenth of the writes is throttled', { lost: 0, throttled: 0.1 }],
  ] as const) {
    it(name, async (t) => {
      const event = await startEvent(world(), { players: 200, questions: 4, seconds: 60 })
      const broken = breakWrites(world(), shares)
      for (const question of [0, 1, 2, 3]) {
        await event.host.ask(question)
        await tapAll(event)
        await event.host.result(question)
        await event.host.board()
      }
      const { lost, throttled } = broken()
      world().heal()
      const { verdict, statuses } = await event.judge()
      t.diagnostic(`${JSON.stringify(statuses)}, ${lost} answers lost, ${throttled} throttled`)
      assert.ok(lost + throttled > 5)
      assert.deepEqual(verdict, nothingWrong)
      assert.deepEqual(statuses, { saved: 800 })
    })
  }

  it('when the table stands still for four seconds over the closing time', async (t) => {
    const event = await startEvent(world(), { players: 200 })
    for (const question of [0, 1]) {
      const closesAt = (await event.host.ask(question))!
      // ten never answer: the question closes by its time
      for (const player of event.players.slice(10, 100)) player.tap(1)
      await sleep(closesAt - 3_000 - Date.now())
      const stall = sleep(4_000)
      for (const { proxy } of world().tasks) proxy.control.stall = stall
      for (const player of event.players.slice(100)) player.tap(2)
      await event.host.result(question)
      await event.host.board()
    }
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.deepEqual(statuses, { saved: 380 })
  })

  it('when 30 % of the phones are without network for ten seconds', async (t) => {
    const event = await startEvent(world(), { players: 200, seconds: 10 })
    for (const question of [0, 1]) {
      const closesAt = (await event.host.ask(question))!
      const sleeping = event.players.filter((_, index) => index % 10 < 3)
      await sleep(closesAt - 6_000 - Date.now())
      const awake = Promise.all(sleeping.map((player) => player.page.sleep(10_000)))
      // offline ones keep their answer, and send it when they are back
      await tapAll(event)
      await event.host.result(question)
      await event.host.board()
      await awake
    }
    const { verdict, statuses } = await event.judge()
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.ok((statuses['saved'] ?? 0) >= 280, 'everyone who was online')
  })

  it('when the host reloads, plays in two tabs, and opens the link on another device', async (t) => {
    const event = await startEvent(world(), { players: 100, questions: 3 })
    const secondTab = await openHost(world(), event.link, 1)

    await event.host.ask(0)
    event.host.reload()
    await tapAll(event)
    await event.host.result(0)
    // both click at the same time: one board, and not the question after it
    const { version } = event.host.page.state!
    await secondTab.page.until(() => secondTab.page.state?.version === version)
    await Promise.all([event.host.click('board'), secondTab.click('board')])
    await event.host.board()

    await Promise.all([event.host.ask(1), secondTab.ask(1)])
    event.host.close()
    await tapAll(event)
    await secondTab.result(1)
    await secondTab.board()

    const otherDevice = await openHost(world(), event.link, 0)
    await otherDevice.ask(2)
    secondTab.close()
    await tapAll(event)
    await otherDevice.result(2)
    const { verdict, statuses } = await event.judge(otherDevice)
    t.diagnostic(JSON.stringify(statuses))
    assert.deepEqual(verdict, nothingWrong)
    assert.deepEqual(statuses, { saved: 300 })
  })
})
