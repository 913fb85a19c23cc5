import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { root } from '../../lib/script/files.mts'
import { createHalfCore } from './half-core.mts'
import { stopProcess } from './parts.mts'

/** One line of the backend's log. */
type Line = Record<string, unknown>

export interface Task {
  port: number
  http: string
  /** Bytes that are in memory now. */
  memory(): number
  /** What it said of itself every 10 seconds, since it was asked last. */
  figures(): Line[]
  /** Warnings and errors. */
  complaints: Line[]
  kill(): Promise<void>
  stop(): Promise<void>
}

interface TaskOptions {
  name: string
  /** Environment of the process. */
  environment: Record<string, string>
  /** Whether it is held to half a core. */
  isHeld: boolean
}

/** Goes through the doors that it is given after the program, and becomes the program. */
const enter = 'program=$1; shift; for door; do echo $$ >"$door" || exit; done; exec "$0" "$program"'

/** Starts a task from backend/dist; resolves when it listens. */
export async function startTask({ name, environment, isHeld }: TaskOptions): Promise<Task> {
  const group = isHeld ? createHalfCore(`live-quiz-bench-${process.pid}-${name}`) : undefined
  const program = join(root, 'backend/dist/index.js')
  const child = spawn('sh', ['-c', enter, process.execPath, program, ...(group?.doors ?? [])], {
    // no variable of the shell may lead it to a real account
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const complaints: Line[] = []
  let figures: Line[] = []
  const gone = once(child, 'exit').then(async () => await group?.remove())
  const listening = new Promise<number>((resolve) => {
    createInterface(child.stdout).on('line', (text) => {
      const line = JSON.parse(text) as Line
      if (line['message'] === 'listening') resolve(Number(line['port']))
      if (line['message'] === 'figures') figures.push(line)
      if (line['level'] === 'warn' || line['level'] === 'error') complaints.push(line)
    })
  })
  const ended = async (signal: NodeJS.Signals) => {
    await stopProcess(child, signal)
    await gone
  }
  const port = await Promise.race([
    listening,
    gone.then(() => {
      throw new Error(`a task ended with ${child.exitCode}: ${JSON.stringify(complaints)}`)
    }),
  ])
  return {
    port,
    http: `http://127.0.0.1:${port}`,
    memory() {
      const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
      return Number(kilobytes) * 1_024
    },
    figures() {
      const read = figures
      figures = []
      return read
    },
    complaints,
    kill: async () => await ended('SIGKILL'),
    stop: async () => await ended('SIGTERM'),
  }
}
