#!/usr/bin/env -S sh -c 'exec "$(dirname "$(readlink -f "$0")")/../lib/script/start" "$0" "$@"'
/*
 * Plays a quiz with 5,000 players on two backend processes of half a core and 1 GiB each, and measures what a host and a player
 * feel: clicks, joins, answers, a task that is killed, forty events at once.
 *
 *   ./bench/quiz.mts [--players 5000] [--latency 5] [--soak]
 *   make bench-quiz                                make bench-quiz ARGS=--soak
 *
 *   --players     fewer, to see whether the bench itself works; the bounds are for 5,000
 *   --latency     milliseconds that DynamoDB takes to answer
 *   --soak        half an hour of questions, and how much memory that takes
 *
 * Real parts: backend/dist, raw sockets in processes of their own, dynalite behind a proxy that answers late and counts
 * capacity units. Everything is on loopback, and is removed at the end. Takes about five minutes, and needs two cores for
 * itself: on a busy machine the run is void.
 *
 * Exit code 1 when a figure exceeds its bound or something failed; 2 without a verdict: there is no cgroup to hold a task to
 * half a core, or the generators were late themselves.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Failure } from '../lib/script/failure.mts'
import { root } from '../lib/script/files.mts'
import { currentJob } from '../lib/script/job.mts'
import { say } from '../lib/script/narration.mts'
import { main } from '../lib/script/main.mts'
import { run } from '../lib/script/shell.mts'
import { letIn, lose, play, playMany, reckon, type Stage } from './quiz/game.mts'
import { openHall } from './quiz/hall.mts'
import { whyNotHalfCore } from './quiz/half-core.mts'
import { clock, startPart } from './quiz/parts.mts'
import { type Findings, formatFigures, isOver, voids } from './quiz/result.mts'
import { soak } from './quiz/soak.mts'
import type { Usage } from './quiz/table.mts'
import { startTask, type Task } from './quiz/task.mts'

const table = 'live-quiz-bench'
// also for the processes that are started: the project runs on Node 20
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
const adminSecret = randomBytes(16).toString('hex')

await main(import.meta, async (argv) => {
  const { players, latency, isLong } = optionsIn(argv)
  await run({ cwd: root })`npm run build:backend`
  const notHeld = await whyNotHalfCore()
  const findings: Findings = { figures: [], errors: new Set(), delay: 0 }
  say(`load of this machine: ${loadavg()[0]!.toFixed(1)}`)

  const database = startPart(join(import.meta.dirname, 'quiz/table.mts'))
  const hall = openHall(2, findings)
  const started: Task[] = []
  try {
    const endpoint = await database.ask<string>('start', { table, latency })
    const stage: Stage = {
      hall,
      tasks: [],
      players,
      adminSecret,
      usage: async () => await database.ask<Usage>('usage'),
      async startTask() {
        const name = `${started.length + 1}`
        const task = await startTask({ name, environment: environmentOf(endpoint), isHeld: notHeld === undefined })
        started.push(task)
        return task
      },
    }
    stage.tasks.push(await stage.startTask(), await stage.startTask())
    await unlessInterrupted(measure(stage, findings, isLong))
    for (const { complaints } of started) for (const { message } of complaints) findings.errors.add(String(message))
  } finally {
    await hall.stop()
    await Promise.all(started.map((task) => task.stop()))
    await database.stop()
  }

  console.log(formatFigures(findings.figures))
  for (const error of findings.errors) console.log(`failed: ${error}`)
  const noVerdict = voids({ ...findings, notHeld, players })
  for (const reason of noVerdict) console.log(`no verdict: ${reason}`)
  if (noVerdict.length > 0) process.exitCode = 2
  else if (findings.errors.size > 0 || findings.figures.some(isOver)) process.exitCode = 1
})

/** Fails (exit 2) on what it does not know. */
function optionsIn(argv: string[]) {
  const known = {
    players: { type: 'string', default: '5000' },
    latency: { type: 'string', default: '5' },
    soak: { type: 'boolean', default: false },
  } as const
  const refused = (fact: string) => new Failure(fact, './bench/quiz.mts --help shows the usage', 2)
  try {
    const { players, latency, soak: isLong } = parseArgs({ args: argv, options: known }).values
    if (!/^[1-9]\d{0,3}$|^1\d{4}$/.test(players)) throw refused(`--players is ${players}, not 1 to 19999`)
    if (!/^\d{1,3}$/.test(latency)) throw refused(`--latency is ${latency}, not 0 to 999 milliseconds`)
    return { players: Number(players), latency: Number(latency), isLong }
  } catch (error) {
    throw error instanceof Failure ? error : refused((error as Error).message)
  }
}

/** Rejects when the bench is to stop: what it has started is stopped then. */
async function unlessInterrupted(work: Promise<void>): Promise<void> {
  const { signal } = currentJob()
  const interrupted = once(signal, 'abort').then(() => {
    throw signal.reason
  })
  work.catch(() => {})
  await Promise.race([work, interrupted])
}

async function measure(stage: Stage, { figures }: Findings, isLong: boolean): Promise<void> {
  const began = clock()
  await stage.usage()
  const { event, figures: joining } = await letIn(stage)
  figures.push(...joining)
  figures.push(...(await play(stage, event)))
  figures.push(...(await reckon(stage, began)))
  figures.push(...(await lose(stage, event)))
  figures.push(...(await playMany(stage)))
  if (isLong) figures.push(...(await soak(stage)))
}

/** What a task is given. */
function environmentOf(endpoint: string): Record<string, string> {
  return {
    APPLICATION_TABLE: table,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ADMIN_SECRET: adminSecret,
    RELEASE_ID: 'bench',
    STOP_SECONDS: '6',
    MAX_PLAYERS: '20000',
  }
}
