import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '../../lib/script/narration.mts'
import { longestDelay, questions, type Stage } from './game.mts'
import { openHost, startEvent } from './host.mts'
import { clock } from './parts.mts'
import type { Figure } from './result.mts'

const halfAnHour = 30 * 60_000
const megabyte = 1e6

/** Half an hour of quizzes with everyone in them: how much more memory the tasks have at its end. */
export async function soak({ hall, tasks, players, adminSecret }: Stage): Promise<Figure[]> {
  const end = clock() + halfAnHour
  const ports = tasks.map(({ port }) => port)
  let least: number[] | undefined
  let delay = 0
  for (let game = 1; clock() < end; game += 1) {
    await hall.leave()
    const event = await startEvent(tasks[0]!.http, adminSecret, questions)
    await hall.join(players, { ports, codes: [event.code], perSecond: 500 })
    const host = await openHost(ports[0]!, event)
    // of thousands who leave and join at once
    longestDelay(tasks)
    for (let question = 0; question < questions && clock() < end; question += 1) {
      await host.click('ask', { question })
      await host.until('question')
      await hall.answer(question, host.opensAt(), 4_000)
      await host.until('closed')
      await host.click('reveal')
      await sleep(2_000)
      await host.click('board')
      await sleep(2_000)
    }
    host.leave()
    delay = Math.max(delay, longestDelay(tasks))
    const now = tasks.map((task) => task.memory())
    // the first game fills what stays filled
    least ??= now
    say(`game ${game}: ${now.map((bytes) => Math.round(bytes / megabyte)).join(' and ')} MB`)
  }
  const grown = tasks.map((task, place) => (task.memory() - least![place]!) / megabyte)
  return [
    { what: 'memory, growth in 30 minutes', measured: Math.max(...grown), unit: 'MB', below: 50 },
    { what: 'event loop delay in 30 minutes, p99', measured: delay, unit: 'ms', below: 50 },
  ]
}
