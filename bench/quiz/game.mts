import { setTimeout as sleep } from 'node:timers/promises'
import type { StartedEvent } from '../../backend/local/quiz-client.ts'
import { Failure } from '../../lib/script/failure.mts'
import { say } from '../../lib/script/narration.mts'
import type { Hall } from './hall.mts'
import { openHost, startEvent, timeScreen } from './host.mts'
import { clock } from './parts.mts'
import { type Figure, latencies } from './result.mts'
import type { Usage } from './table.mts'
import type { Task } from './task.mts'

/** Everything that a scenario may use. */
export interface Stage {
  hall: Hall
  /** Two; a scenario may replace one. */
  tasks: Task[]
  startTask(): Promise<Task>
  /** Of the table, since it was read last. */
  usage(): Promise<Usage>
  adminSecret: string
  players: number
}

export const questions = 20

/** Prices of us-east-1 for a million request units, in dollars. */
const price = { write: 0.625, read: 0.125 }

/** Opens an event, lets everyone in, and measures that. */
export async function letIn(stage: Stage): Promise<{ event: StartedEvent; figures: Figure[] }> {
  const { hall, tasks, players, adminSecret } = stage
  const event = await startEvent(tasks[0]!.http, adminSecret, questions)
  const before = tasks.map((task) => task.memory())
  say(`${players} players join, 500 a second`)
  const ports = tasks.map(({ port }) => port)
  const joined = await hall.join(players, { ports, codes: [event.code], perSecond: 500 })
  if (joined.length < players) throw new Failure(`${players - joined.length} of ${players} did not get in`, 'see above')
  const grown = tasks.map((task, place) => task.memory() - before[place]!)
  const each = Math.max(...grown) / (players / tasks.length) / 1_000
  return {
    event,
    figures: [
      ...latencies('join, 500 a second, connect to joined', joined, { p99: 1_000 }).map((figure) => ({
        ...figure,
        beside: 'arsnova.eu: 500 joins, p95 3,570 ms',
      })),
      { what: 'memory a socket', measured: each, unit: 'KB', below: 20 },
    ],
  }
}

/** The whole game; in the last question all answer within one second. */
export async function play(stage: Stage, event: StartedEvent): Promise<Figure[]> {
  const { hall, tasks } = stage
  const host = await openHost(tasks[0]!.port, event)
  const clicks: number[] = []
  const spread: number[] = []
  let burst: number[] = []
  for (let question = 0; question < questions; question += 1) {
    say(`question ${question + 1} of ${questions}`)
    clicks.push(...(await hall.timeClick('question', question, () => host.click('ask', { question }))))
    const closed = hall.waitFor('closed', question)
    const isLast = question === questions - 1
    const over = isLast ? 1_000 : (stage.players / 1_250) * 1_000
    const acks = await hall.answer(question, host.opensAt(), over)
    if (isLast) burst = acks
    else spread.push(...acks)
    // everyone has answered; nobody clicks in the moment in which a task still tells its players that it is closed
    await Promise.all([closed, host.until('closed')])
    clicks.push(...(await hall.timeClick('revealed', question, () => host.click('reveal'))))
    clicks.push(...(await hall.timeClick('board', question, () => host.click('board'))))
  }
  host.leave()
  const razzia = 'Razzia 3.0: 300 players, p99 2,400 ms; 600: 25,600 ms'
  return [
    ...latencies('click to client, ask, reveal and board', clicks, { p50: 150, p99: 300 }),
    ...latencies('answers, 1,250 a second', spread, { p99: 200 }).map((figure) => ({ ...figure, beside: razzia })),
    ...latencies('answers, all within a second', burst, { p99: 600 }),
    { what: 'event loop delay, p99', measured: longestDelay(tasks), unit: 'ms', below: 50 },
  ]
}

/** Of the tasks' event loops, in milliseconds: the 99th percentile of the worst ten seconds since they were asked last. */
export function longestDelay(tasks: Task[]): number {
  return Math.max(0, ...tasks.flatMap((task) => task.figures()).map(({ loopDelayP99 }) => Number(loopDelayP99)))
}

/** What an hour costs: this game, and what is read and written while nothing happens, for the rest of the hour. */
export async function reckon(stage: Stage, began: number): Promise<Figure[]> {
  const game = await stage.usage()
  const played = (clock() - began) / 1_000
  say('nobody does anything for 10 seconds')
  await sleep(10_000)
  const idle = await stage.usage()
  const rest = Math.max(0, 3_600 - played) / 10
  const write = game.writeUnits + idle.writeUnits * rest
  const read = game.readUnits + idle.readUnits * rest
  const dollars = (write * price.write + read * price.read) / 1e6
  say(
    `DynamoDB for an hour: $${dollars.toFixed(3)}; game ${JSON.stringify(game)}; 10 s of quiet ${JSON.stringify(idle)}`,
  )
  return [
    { what: 'DynamoDB for an hour, written', measured: write, unit: 'units', below: 20_001 },
    {
      what: `DynamoDB for an hour, read ($${dollars.toFixed(3)} in all)`,
      measured: read,
      unit: 'units',
      below: 100_001,
    },
  ]
}

/** Kills a task, and starts a fresh one that has to load the whole event. */
export async function lose(stage: Stage, event: StartedEvent): Promise<Figure[]> {
  const { hall, tasks } = stage
  const [lost] = tasks.splice(0, 1)
  await stage.usage()
  say('a task is killed')
  let at = 0
  const back = await hall.backAgain(lost!.port, async () => {
    at = clock()
    await lost!.kill()
  })
  const times = back.map((time) => time - at)
  const seconds = (clock() - at) / 1_000
  const { calls } = await stage.usage()
  // one task is left, which reads its log ten times a second and what others say once; that is not for a player
  const own = Object.entries(calls).reduce((sum, [name, count]) => (/^(Get|Query)/.test(name) ? sum + count : sum), 0)
  const reads = Math.max(0, own - seconds * 12) / Math.max(1, times.length)
  say('a fresh task is started')
  const fresh = await stage.startTask()
  tasks.push(fresh)
  const loaded = await timeScreen(fresh.port, event)
  return [
    ...latencies('a task killed, its players back and usable', times, { p99: 5_000 }),
    { what: 'DynamoDB reads for each of them', measured: reads, unit: 'reads', below: 0.05 },
    { what: `a fresh task loads the event at question ${questions}`, measured: loaded, unit: 'ms', below: 1_500 },
  ]
}

/** Forty events at once on the same tasks. */
export async function playMany({ hall, tasks, players, adminSecret }: Stage): Promise<Figure[]> {
  const count = 40
  const each = Math.min(100, Math.floor(players / count))
  await hall.leave()
  say(`${count} events of ${each} players`)
  const events = []
  for (let number = 0; number < count; number += 1) events.push(await startEvent(tasks[0]!.http, adminSecret, 3))
  const ports = tasks.map(({ port }) => port)
  await hall.join(count * each, { ports, codes: events.map(({ code }) => code), perSecond: 500 })
  const clicks: number[] = []
  await Promise.all(
    events.map(async (event, place) => {
      const host = await openHost(ports[place % ports.length]!, event)
      for (let question = 0; question < 3; question += 1) {
        await sleep(Math.random() * 3_000)
        clicks.push(...(await hall.timeClick('question', question, () => host.click('ask', { question }), place)))
        // not before it is open
        await sleep(Math.max(0, host.opensAt() - Date.now()) + 10)
        await host.click('close')
        await host.until('closed')
        clicks.push(...(await hall.timeClick('revealed', question, () => host.click('reveal'), place)))
        clicks.push(...(await hall.timeClick('board', question, () => host.click('board'), place)))
      }
      host.leave()
    }),
  )
  return latencies(`${count} events of ${each} players, click to client`, clicks, { p99: 1_000 })
}
