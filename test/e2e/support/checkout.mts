import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { localEnvironment, notRunning } from '../../../infrastructure/local/connection.ts'
import { exclusively, type LoggedCall, provideVirtualenvOnce, python } from '../../../infrastructure/local/testing.ts'
import { childEnvironment, signalGroup } from '../../../lib/script/children.mts'
import { withoutMakeVariables } from '../../../lib/script/command-line.mts'
import { Failure } from '../../../lib/script/failure.mts'

/**
 * A copy of this working tree to deploy from: the tests change its code, and it has a `.local/` of its own. Its path has
 * a space in it, as a user's may.
 */
export interface Checkout {
  path: string
  /** Runs a command in the copy; resolves with its output and exit code. Never throws. */
  run(command: string[], options?: { env?: NodeJS.ProcessEnv; input?: string; signal?: AbortSignal }): Promise<Ran>
  /** Runs a line of bash in the copy as `make local-shell` does, but at once. */
  runThere(line: string, env?: NodeJS.ProcessEnv): Promise<Ran>
  /** Starts a command in the copy, in a process group of its own. A variable that is undefined is not passed on. */
  start(command: string[], env?: NodeJS.ProcessEnv): Started
  /** stdout of an `aws` call on the local AWS, parsed; null: it prints nothing. */
  aws(...args: string[]): Promise<any>
  /** API calls in the order of their arrival, since the given line of the call log. */
  calls(since?: number): LoggedCall[]
  remove(): Promise<void>
}

export interface Ran {
  exitCode: number
  stdout: string
  stderr: string
  /** Both, as a person would see them. */
  output: string
  seconds: number
}

export interface Started {
  child: ChildProcess
  /** What it has printed so far. */
  output(): string
  /** Resolves when it has printed something that matches; rejects when it ended before. */
  saying(pattern: RegExp): Promise<void>
  /** Sends the signal to its process group, as a terminal does on Ctrl-C. */
  interrupt(signal: NodeJS.Signals): void
  ended: Promise<Ran>
}

/** What changes something: whatever does not only look. */
export const changing = /^(?!Get|Describe|List|Head|Query|Filter|Detect|Assume|BatchGet|BatchCheck)/

const root = join(import.meta.dirname, '..', '..', '..')

/**
 * Makes one. A test run that is ended before it could remove it does so in its last moment.
 * @param port of the local AWS of this copy; without one it has none
 * @param env what else its commands find in their environment
 * @param isStarted whether that local AWS runs already, and has built the image once
 */
export async function checkout(
  port?: number,
  { env: own = {}, isStarted = true }: { env?: NodeJS.ProcessEnv; isStarted?: boolean } = {},
): Promise<Checkout> {
  // what it would install first is what the copy gets: the same packages, by hash
  if (port !== undefined) await provideVirtualenvOnce()
  const path = mkdtempSync(join(tmpdir(), 'live quiz '))
  // tracked and new files, as they are now: what is being worked on is what gets tested
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  const files = String(listed)
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
  execFileSync('cp', ['-a', '--parents', '--target-directory', path, '--', ...files], { cwd: root })
  // Docker's layers of one copy are not another's, but those of the packages: two builds of the same at once would take turns
  // in being the cache
  if (port !== undefined) writeFileSync(join(path, 'backend', 'src', 'copy.ts'), `export const copy = ${port}\n`)
  shell(
    'git -C "$TARGET" init -q -b main && git -C "$TARGET" add -A && git -C "$TARGET" -c user.name=test -c user.email=test@localhost commit -qm copy',
    path,
  )
  for (const modules of [
    'node_modules',
    'backend/node_modules',
    'frontend/node_modules',
    'infrastructure/node_modules',
  ]) {
    if (existsSync(join(root, modules))) shell(linked(modules), path)
  }
  if (port !== undefined) {
    const virtualenv = relative(root, dirname(dirname(python)))
    // its aws has its own server
    shell(`mkdir "$TARGET/.local" && ${linked(virtualenv)} && rm -f "$TARGET/${virtualenv}"/aws.*`, path)
  }
  // make would see a lock file that is newer than the packages, and install them again; ours, which the link shares, stays
  // as old as it is
  shell('cd "$TARGET/node_modules" && cp .package-lock.json new && mv new .package-lock.json', path)
  // how these tests were started is not how the scripts are: remedies follow what make and npm leave here
  const environment = {
    ...withoutMakeVariables(),
    NO_COLOR: '1',
    // a task may do what its role may do, and no more
    ...(port === undefined ? {} : { LOCAL_AWS_PORT: String(port), LOCAL_AWS_IAM: 'enforce' }),
    ...own,
  }

  const started = new Set<ChildProcess>()
  const removeAtOnce = () => {
    for (const child of started) signalGroup(child.pid, 'SIGKILL')
    spawnSync('make', ['-s', 'local-down'], { cwd: path, env: environment })
    rmSync(path, { recursive: true, force: true })
  }
  process.on('exit', removeAtOnce)

  const start = (command: string[], env: NodeJS.ProcessEnv = {}, input = ''): Started => {
    const began = performance.now()
    const child = spawn(command[0]!, command.slice(1), {
      cwd: path,
      env: { ...environment, ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    started.add(child)
    child.once('exit', () => started.delete(child))
    child.stdin.on('error', () => {}).end(input)
    let stdout = ''
    let stderr = ''
    let output = ''
    const listeners = new Set<() => void>()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
      listeners.forEach((listener) => listener())
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      output += text
      listeners.forEach((listener) => listener())
    })
    const ended = new Promise<Ran>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) =>
        resolve({ exitCode: code ?? -1, stdout, stderr, output, seconds: (performance.now() - began) / 1000 }),
      )
    })
    return {
      child,
      output: () => output,
      saying: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            if (pattern.test(output)) {
              listeners.delete(look)
              resolve()
            }
          }
          listeners.add(look)
          look()
          void ended.then(() => reject(new Error(`it ended without saying ${pattern}:\n${output}`)))
        }),
      interrupt: (signal) => {
        process.kill(-child.pid!, signal)
      },
      ended,
    }
  }
  const run: Checkout['run'] = (command, options = {}) => start(command, options.env, options.input).ended

  const there = async (command: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> => {
    const local = await localEnvironment(environment, join(path, '.local', 'connection.json'))
    if (!local) throw new Failure(...notRunning)
    // as the toolkit sends it: the preloaded server serves no command with another language or other Python settings
    const sent = childEnvironment({ ...environment, ...local })
    return await run(command, { env: { LANG: undefined, ...sent, PATH: local['PATH'], ...env } })
  }
  const good = async (ran: Promise<Ran>, command: string): Promise<Ran> => {
    const { exitCode, output } = await ran
    if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}:\n${output}`)
    return ran
  }

  if (port !== undefined && isStarted) {
    await good(run(['make', 'local-up']), 'make local-up')
    // one after the other, so that all have the same packages; make local-down removes the name
    const build = ['docker', 'build', '--tag', `127.0.0.1:${port}/live-quiz-backend:first`, 'backend']
    await exclusively(() => good(there(build), build.join(' ')))
  }

  const callLog = join(path, '.local', 'calls.jsonl')
  return {
    path,
    run,
    runThere: (line, env) => there(['bash', '-c', line], env),
    start: (command, env) => start(command, env),
    aws: async (...args) => {
      const { stdout } = await good(there(['aws', ...args, '--output', 'json']), `aws ${args.join(' ')}`)
      return JSON.parse(stdout || 'null')
    },
    calls: (since = 0) =>
      readFileSync(callLog, 'utf8')
        .split('\n')
        .filter(Boolean)
        .slice(since)
        .map((line) => JSON.parse(line)),
    remove: async () => {
      if (port !== undefined) await run(['make', '-s', 'local-down'])
      process.off('exit', removeAtOnce)
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** The line that copies a directory of ours: links where the disk allows them; what was begun then must not be copied into. */
const linked = (directory: string) =>
  `cp -al "${directory}" "$TARGET/${directory}" 2>/dev/null || { rm -rf "$TARGET/${directory}" && cp -a "${directory}" "$TARGET/${directory}"; }`

function shell(line: string, target: string): void {
  const { status, stderr } = spawnSync('sh', ['-c', line], {
    cwd: root,
    env: { ...process.env, TARGET: target },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${line} ended with ${status}: ${stderr}`)
}
