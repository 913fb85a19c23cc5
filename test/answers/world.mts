import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { startDynamoDb } from '../../backend/local/dynamodb.ts'
import { startFaultProxy } from '../../backend/local/fault-proxy.ts'

const root = join(import.meta.dirname, '..', '..')
const backend = join(root, 'backend')

export const table = 'application'
/** Seconds between two heartbeats: a page takes a task for dead after two and a half. */
export const heartbeatSeconds = 2
export const adminSecret = 'only-this-test-knows-it'

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

export type World = Awaited<ReturnType<typeof startWorld>>

/** For the tests of a `describe`: two real backend processes from a fresh build, in front of one dynalite. */
export function twoTasks(): () => World {
  let world: World | undefined
  before(async () => {
    world = await startWorld()
    await Promise.all([world.startTask('one'), world.startTask('two')])
  })
  after(() => world?.close())
  return () => world!
}

async function startWorld() {
  const directory = buildBackend()
  const database = await startDynamoDb(table)
  const tasks: Task[] = []

  return {
    database,
    tasks,
    /** Names, tokens and codes of everyone: none of them may be in a log line. */
    secrets: new Set<string>([adminSecret]),
    /** Where new connections go. */
    targets: () => tasks.filter(({ isTarget }) => isTarget),

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
      await Promise.all(tasks.map(({ process: child }) => end(child)))
      await Promise.all(tasks.map(({ proxy }) => proxy.close()))
      await database.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** What the SDK reads to find the table. */
export function sdkEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
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
  for (;;) {
    const line = output.split('\n').find((each) => each.includes('"message":"listening"'))
    if (line) return { name, port: portOf(line), proxy, process: child, isTarget: true, output: () => output }
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`)
    await Promise.race([once(child, 'said'), once(child, 'exit')])
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
