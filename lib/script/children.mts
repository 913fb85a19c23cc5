import { spawn } from 'node:child_process'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { commandName } from './command-line.mts'
import { root } from './files.mts'
import { currentJob, hurrySignal } from './job.mts'

/*
 * What a command gets of the user's shell: all but a secret that is ours alone, and the variables by which a shell that
 * works for its user has been seen to break a build, a question or its answer. Docker's own are in lib/image/docker.mts.
 */

const removed: RegExp[] = [
  // anyone who knows it can write to the channel, and a build runs the code of many packages
  /^SLACK_WEBHOOK_URL$/,
  // set for git hooks and aliases: our git would work in another repository, or on another index
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|NAMESPACE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES)$/,
  // production: npm leaves out what builds need; development: React's slow build
  /^NODE_ENV$/,
  // each command runs in a bash: what it reads when it starts may print, trace or end it
  /^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|CDPATH)$/,
  // docker takes no image then whose name is in an ARG, and asks for a passphrase before it pushes
  /^DOCKER_CONTENT_TRUST$/,
  // in another language an answer is not recognised
  /^(LANG|LANGUAGE|LC_\w+)$/,
]

const added = {
  // an emoji in a note, an umlaut in a file's name: `aws` cannot print them otherwise
  LC_ALL: process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8',
  PYTHONUTF8: '1',
  PYTHONIOENCODING: 'utf-8',
  AWS_CLI_FILE_ENCODING: 'UTF-8',
}

export function childEnvironment(env = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !removed.some((pattern) => pattern.test(name)))
  return {
    ...Object.fromEntries(kept),
    ...added,
    // a job's directory that has gone, for example
    ...(isWritable(env['TMPDIR'] ?? '/tmp') ? {} : { TMPDIR: undefined }),
    PATH: `${join(root, 'node_modules', '.bin')}:${env['PATH']}`,
  }
}

/** Whether it is a directory that can be written to. */
export function isWritable(directory: string): boolean {
  try {
    accessSync(join(directory, '.'), constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where a command finds a program, through every link; undefined: it is not on the PATH. */
export function findProgram(name: string): string | undefined {
  const file = (childEnvironment()['PATH'] ?? '')
    .split(':')
    .map((directory) => join(directory, name))
    .find((path) => isExecutable(path))
  return file && realpathSync(file)
}

/** What a command that exited with 127 did not find: its program. Undefined where that is there, and passes on the code. */
export function missingProgram(cmd: string, exitCode: number): string | undefined {
  const [program = ''] = commandName(cmd).split(' ')
  return exitCode === 127 && findProgram(program) === undefined ? program : undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/*
 * Each command runs in a process group of its own, so that Ctrl-C reaches it once, through us. When this process gets
 * SIGKILL, nothing here can end them: its guard does, a second process that notices the end of its input. Without it
 * `cdk deploy` and `docker build` would run on beside the next deployment.
 */

/** Reads the groups that run, a line each time that they change; when its input ends, it ends those of the last line. */
const ends = `
while read -r line; do groups=$line; done
end() { for group in $groups; do kill -s "$1" -- "-$group"; done; }
[ -z "$groups" ] || { end TERM; sleep 5; end KILL; } 2>/dev/null
`

const groups = new Set<number>()
let guard: Socket | undefined

/** To be called before a command starts: there must be no moment at which nothing would end it. */
export function startGuard(): void {
  if (guard) return
  const child = spawn('/bin/sh', ['-c', ends], { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard = child.stdin as Socket
  child.unref()
  guard.unref()
  // without it a deployment works, too
  for (const emitter of [child, guard]) emitter.on('error', () => {})
}

/** From here on a group ends with this process, however that ends. */
export function guardGroup(group: number | undefined): void {
  if (group !== undefined) groups.add(group)
  report()
}

/** The group has ended: its number may be another's soon. */
function releaseGroup(group: number | undefined): void {
  if (group !== undefined) groups.delete(group)
  report()
}

function report(): void {
  guard?.write([...groups].join(' ') + '\n')
}

export function signalGroup(group: number | undefined, name: NodeJS.Signals): void {
  try {
    if (group !== undefined) process.kill(-group, name)
  } catch {
    // it has exited already
  }
}

/** What a command answered. */
export interface Ended {
  exitCode: number
  stdout: string
  stderr: string
}

type Running = PromiseLike<Omit<Ended, 'exitCode'> & { exitCode: number | null }> & { pid: number | undefined }

/** Waits for a command that `guardGroup` knows. When its job is stopped, so is the command, and the reason is thrown. */
export async function waitForEnd(child: Running): Promise<Ended> {
  const { signal } = currentJob()
  let patience: NodeJS.Timeout | undefined
  const kill = (name: NodeJS.Signals) => signalGroup(child.pid, name)
  const stop = () => {
    kill(hurrySignal.aborted ? 'SIGKILL' : 'SIGTERM')
    patience ??= setTimeout(kill, 5000, 'SIGKILL')
  }
  const hurryUp = () => signal.aborted && stop()
  signal.addEventListener('abort', stop)
  hurrySignal.addEventListener('abort', hurryUp)
  // it may have been stopped while the command was starting
  if (signal.aborted) stop()
  const output = await child
  releaseGroup(child.pid)
  signal.removeEventListener('abort', stop)
  hurrySignal.removeEventListener('abort', hurryUp)
  clearTimeout(patience)
  signal.throwIfAborted()
  return { exitCode: output.exitCode ?? 1, stdout: output.stdout, stderr: output.stderr }
}
