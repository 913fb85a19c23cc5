import { spawn, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { signalGroup } from '../../lib/script/children.mts'
import { withoutMakeVariables } from '../../lib/script/command-line.mts'
import { isSlow, type Job } from './jobs.mts'

/**
 * No job takes half as long, even on a busy machine: one that hangs must not hold up the others, nor CI. `short` is for
 * suites that bring up no AWS, and download nothing. Milliseconds.
 */
const longest = { short: 12 * 60_000, fast: 30 * 60_000, slow: 60 * 60_000, onRequest: 4 * 60 * 60_000 }
const short = ['backend', 'frontend', 'infrastructure', 'scripts', 'unit']

/** A job that is stopped may remove what it has made first. Milliseconds. */
const patienceAfterStop = 30_000

/** A process that a test has left may keep its output open. Milliseconds. */
const patienceAfterExit = 3_000

export interface Ended {
  job: Job
  exitCode: number | null
  output: string
  seconds: number
}

/**
 * Runs the jobs so that every processor has something to do, and calls back with each that has ended. The first of the
 * queue whose suite may have one more is next; no shorter one overtakes it while it waits for room. A job that is alone in
 * the queue writes as it goes.
 * @param slowness of a processor here, of 1 where the loads of the suites were measured
 */
export async function runJobs(
  jobs: Job[],
  ended: (end: Ended) => void,
  { limit = limitOf, slowness = 1 } = {},
): Promise<void> {
  const queue = [...jobs]
  const running = new Map<Job, Promise<void>>()
  const children = new Set<ChildProcess>()
  endWithUs(children, queue)
  while (queue.length + running.size > 0) {
    const underWay = [...running.keys()]
    const next = queue.findIndex((job) => isAllowed(job, underWay))
    if (next < 0 || !fits(queue[next]!, underWay, slowness)) {
      await Promise.race(running.values())
      continue
    }
    const [job] = queue.splice(next, 1) as [Job]
    const work = run(job, children, { limit: limit(job), isLoud: jobs.length === 1 }).then(ended)
    running.set(
      job,
      work.finally(() => running.delete(job)),
    )
  }
}

function isAllowed({ suite }: Job, running: Job[]): boolean {
  return running.filter((job) => job.suite === suite).length < (suite.atOnce ?? Infinity)
}

function fits(job: Job, running: Job[], slowness: number): boolean {
  const load = [job, ...running].reduce((sum, { suite }) => sum + loadAt(suite.load, slowness), 0)
  // sums of tenths are not exact
  return running.length === 0 || load < availableParallelism() + 0.01
}

/** What a job takes of a processor that is slower: it computes for longer, and waits no longer than elsewhere. */
function loadAt(load: number, slowness: number): number {
  return load < 1 ? (load * slowness) / (load * slowness + 1 - load) : load
}

function limitOf({ suite, name }: Job): number {
  if (suite.onRequest) return longest.onRequest
  if (isSlow(name)) return longest.slow
  return short.includes(suite.name) ? longest.short : longest.fast
}

async function run(
  job: Job,
  children: Set<ChildProcess>,
  { limit, isLoud }: { limit: number; isLoud: boolean },
): Promise<Ended> {
  const began = performance.now()
  const [command, ...flags] = job.command as [string, ...string[]]
  const child = spawn(command, flags, {
    cwd: job.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    // a group of its own, so that all of it can be ended
    detached: true,
    // what is tested is typed by someone else than who typed `make test`;
    // the spec reporter and vitest write what is read here; colours would only be in the way of a log.
    // The page of the job that runs the tests is not for the scripts in them
    env: {
      ...withoutMakeVariables(),
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      GITHUB_OUTPUT: undefined,
      GITHUB_STEP_SUMMARY: undefined,
    },
  })
  children.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (isLoud) process.stdout.write(text)
    })
  let killed: NodeJS.Timeout | undefined
  const stopped = setTimeout(() => {
    output += `\nerror: ${job.name} was stopped after ${limit / 60_000} minutes\n`
    signalGroup(child.pid, 'SIGTERM')
    killed = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), patienceAfterStop)
  }, limit)
  let left: NodeJS.Timeout | undefined
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
    child.on('exit', (code) => {
      left = setTimeout(() => {
        output += `\nwarning: ${job.name} has left a process that keeps its output open\n`
        resolve(code)
      }, patienceAfterExit)
    })
  })
  for (const timer of [left, stopped, killed]) clearTimeout(timer)
  // of one that was stopped nothing may run on; how it ended after that says nothing
  if (killed) signalGroup(child.pid, 'SIGKILL')
  for (const stream of [child.stdout, child.stderr]) stream.destroy()
  children.delete(child)
  const seconds = (performance.now() - began) / 1000
  if (!isLoud) process.stdout.write(`\n── ${job.name} (${seconds.toFixed(1)} s)\n${output}`)
  return { job, exitCode: killed ? null : exitCode, output, seconds }
}

/** On Ctrl-C nothing else is started, and running jobs are asked to end: they clean up. The second time they are killed. */
function endWithUs(children: Set<ChildProcess>, queue: Job[]): void {
  const patience = ['SIGTERM', 'SIGKILL'] as const
  let asked = 0
  const end = () => {
    queue.length = 0
    const signal = patience[Math.min(asked++, 1)]!
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) signalGroup(child.pid, signal)
    process.exitCode = 130
  }
  process.on('SIGINT', end).on('SIGTERM', end)
}
