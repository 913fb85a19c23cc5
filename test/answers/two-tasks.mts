import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { startDynamoDb } from '../../backend/local/dynamodb.ts'
import { startFaultProxy } from '../../backend/local/fault-proxy.ts'
import { sdkEnvironment, type World } from './world.mts'

const root = join(import.meta.dirname, '..', '..')
const backend = join(root, 'backend')

const table = 'application'
/** Seconds between two heartbeats: a page takes a task for dead after two and a half. */
const heartbeatSeconds = 2
const adminSecret = 'only-this-test-knows-it'

type Proxy = Awaited<ReturnType<typeof startFaultProxy>>

/** One backend process, and what stands between it and the table. */
export interface Task {
  name: string
  port: number
  proxy: Proxy
  process: ChildProcess
  /** Takes new connections, as the load balancer would have it. */
  isTarget: boolean
  output(): string
}

export type TwoTasks = Awaited<ReturnType<typeof startTasks>>

/** For the tests of a `describe`: two real backend processes from a fresh build, in front of one dynalite. */
export function twoTasks(): () => TwoTasks {
  let world: TwoTasks | undefined
  before(async () => {
    world = await startTasks()
    await Promise.all([world.startTask('one'), world.startTask('two')])
  })
  after(() => world?.close())
  return () => world!
}

async function startTasks() {
  const directory = buildBackend()
  const database = await startDynamoDb(table)
  const tasks: Task[] = []
  /** Where new connections go. */
  const targets = () => tasks.filter(({ isTarget }) => isTarget)
  const world: World = {
    origins: () => targets().map(({ port }) => `http://127.0.0.1:${port}`),
    heartbeatSeconds,
    adminSecret,
    secrets: new Set([adminSecret]),
    pages: new Set(),
    table: { name: table, sdk: sdkEnvironment(database.endpoint) },
  }

  return {
    ...world,
    tasks,
    targets,

    async startTask(name: string, release = 'release-1'): Promise<Task> {
      const proxy = await startFaultProxy(database.endpoint)
      const task = await startProcess(directory, { name, release, proxy })
      tasks.push(task)
      void once(task.process, 'exit').then(() => (task.isTarget = false))
      return task
    },

    /** As if nothing had happened: every call passes again. */
    heal(): void {
      for (const { proxy } of tasks) Object.assign(proxy.control, { fault: () => 'none', delay: 0 })
    },

    /** Everything that the tasks have logged. */
    output: () => tasks.map((task) => task.output()).join(''),

    async close(): Promise<void> {
      for (const page of world.pages) page.close()
      await Promise.all(tasks.map(({ process: child }) => end(child)))
      await Promise.all(tasks.map(({ proxy }) => proxy.close()))
      await database.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** `backend/dist` as a deployment builds it, in a directory of its own: other suites build, too. */
function buildBackend(): string {
  const directory = mkdtempSync(join(tmpdir(), 'answers-'))
  execFileSync(join(root, 'node_modules/.bin/tsc'), [
    '--project',
    join(backend, 'tsconfig.build.json'),
    '--outDir',
    join(directory, 'dist'),
  ])
  cpSync(join(backend, 'package.json'), join(directory, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return directory
}

async function startProcess(
  directory: string,
  options: { name: string; release: string; proxy: Proxy },
): Promise<Task> {
  const { name, release, proxy } = options
  const child = spawn(process.execPath, ['dist/index.js'], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      APPLICATION_TABLE: table,
      ...sdkEnvironment(proxy.endpoint),
      RELEASE_ID: release,
      ADMIN_SECRET: adminSecret,
      HEARTBEAT_SECONDS: String(heartbeatSeconds),
      LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('said')
    })
  }
  const signal = AbortSignal.timeout(120_000)
  for (;;) {
    const line = output.split('\n').find((each) => each.includes('"message":"listening"'))
    if (line) return { name, port: portOf(line), proxy, process: child, isTarget: true, output: () => output }
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`)
    await Promise.race([once(child, 'said', { signal }), once(child, 'exit')])
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function portOf(line: string): number {
  const { port } = JSON.parse(line) as { port: number }
  return port
}
