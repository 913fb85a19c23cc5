import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { currentJob, isDryRun } from './job.mts'
import { print } from './surroundings.mts'

/*
 * The checkout, and what a run leaves in it.
 */

/** Root of the repository, and the directory of every command that does not ask for another. */
export const root = join(import.meta.dirname, '..', '..')

/** What the runs of an environment leave, relative to the root: logs, records, settings. No other user of this machine reads it. */
function environmentDirectory(environment: string): string {
  const all = join('.local', 'deployments')
  mkdirSync(join(root, all), { recursive: true })
  if (statSync(join(root, all)).mode & 0o077) chmodSync(join(root, all), 0o700)
  return join(all, environment)
}

/** A file that a run leaves behind, relative to the root, so that the commands it showed can be pasted afterwards. Safe to delete. */
export function stateFile(environment: string, ...name: string[]): string {
  const path = join(environmentDirectory(environment), ...name)
  mkdirSync(dirname(join(root, path)), { recursive: true })
  return path
}

/**
 * Writes JSON for a command to read; returns the file as `stateFile` does. That of a dry run is another one: it takes no
 * lock, and a real run may be about to read its own.
 */
export function writeStateFile(environment: string, name: string, content: object): string {
  const path = stateFile(environment, ...(isDryRun() ? ['dry-run'] : []), name)
  writeFileSync(join(root, path), JSON.stringify(content, null, 2) + '\n', { mode: 0o600 })
  return path
}

/** Environments whose ended runs are cleared away. */
const swept = new Set<string>()

/**
 * A directory for what this run makes, relative to the root: two runs in one checkout never share one. It stays, so that
 * the commands that were shown can be pasted, until a later run finds that this one has ended.
 */
export function makeRunDirectory(environment: string, name: string): string {
  const runs = join(environmentDirectory(environment), 'runs')
  const own = String(process.pid)
  mkdirSync(join(root, runs), { recursive: true })
  const ended = swept.has(environment)
    ? []
    : readdirSync(join(root, runs)).filter((run) => run === own || !isRunning(Number(run)))
  for (const run of ended) rmSync(join(root, runs, run), { recursive: true, force: true })
  swept.add(environment)
  const path = join(runs, own, name)
  mkdirSync(join(root, path), { recursive: true })
  return path
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // it runs, and is another user's
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const temporary = new Set<string>()

/** A file or directory that goes when this process ends, however that ends; only SIGKILL leaves it to the next run. */
export function removeAtEnd(path: string): void {
  if (temporary.size === 0) {
    process.on('exit', () => {
      for (const each of temporary) rmSync(each, { recursive: true, force: true })
    })
  }
  temporary.add(path)
}

/*
 * The whole story of a run, on disk: every command and every line of its output, whatever of it is shown.
 */

/** How many logs an environment keeps. */
const keptLogs = 20

let owner: string | undefined
let early: string[] = []
let open: { path: string; file: number } | undefined
const answers = new Map<string, string>()

/** From here on the story of this run is kept, in a file of the environment, once there is something to keep. */
export function keepLog(environment: string): void {
  owner = environment
}

/** Adds lines, with the time in UTC and the name of the job that they belong to. */
export function log(text: string): void {
  if (owner === undefined) return
  const { label } = currentJob()
  const margin = `${new Date().toISOString().slice(11, 19)}  ${label === undefined ? '' : `${label} | `}`
  const lines = text.replace(/^/gm, margin) + '\n'
  if (open) append(open.file, lines)
  else early.push(lines)
}

/** Adds what a command answered. A wait asks over and over: the same answer again is one line. */
export function logAnswer(command: string, answer: string): void {
  // those of `git … -z` would make the log binary, which grep does not show
  const text = answer.replaceAll('\0', ' ').trimEnd()
  const isSame = text !== '' && answers.get(command) === text
  answers.set(command, text)
  if (text) log((isSame ? '(the same answer as before)' : text).replace(/^/gm, '  '))
}

/** Begins the file: now something is done, and not only looked at. */
export function beginLog(): void {
  if (open || owner === undefined) return
  const script = basename(process.argv[1] ?? 'run').replace(/\.mts$/, '')
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  try {
    const path = stateFile(owner, 'logs', `${stamp}-${script}.log`)
    open = { path, file: openSync(join(root, path), 'a', 0o600) }
    const logs = readdirSync(dirname(join(root, path))).toSorted()
    for (const old of logs.slice(0, -keptLogs)) rmSync(join(root, dirname(path), old), { force: true })
  } catch (error) {
    return giveUpLog(error)
  }
  append(open.file, [`${[script, ...process.argv.slice(2)].join(' ')}\n`, ...early].join(''))
  early = []
}

function append(file: number, lines: string): void {
  try {
    writeSync(file, lines)
  } catch (error) {
    giveUpLog(error)
  }
}

/** A deployment does not depend on its log: where the disk is full, it continues without. */
function giveUpLog(error: unknown): void {
  owner = undefined
  early = []
  print(`warning: this run has no complete log: ${(error as Error).message}`)
}

/** Ends the file; returns its path, relative to the root, if there is one. */
export function endLog(): string | undefined {
  owner = undefined
  if (!open) return undefined
  const { path, file } = open
  closeSync(file)
  open = undefined
  return path
}
