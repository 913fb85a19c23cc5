import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { currentJob } from './job.mts'
import { root } from './root.mts'
import { stateFile } from './state-file.mts'

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
  if (open) writeSync(open.file, lines)
  else early.push(lines)
}

/** Adds what a command answered. A wait asks over and over: the same answer again is one line. */
export function logAnswer(command: string, answer: string): void {
  const text = answer.trimEnd()
  const isSame = text !== '' && answers.get(command) === text
  answers.set(command, text)
  if (text) log((isSame ? '(the same answer as before)' : text).replace(/^/gm, '  '))
}

/** Begins the file: now something is done, and not only looked at. */
export function beginLog(): void {
  if (open || owner === undefined) return
  const script = basename(process.argv[1] ?? 'run').replace(/\.mts$/, '')
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const path = stateFile(owner, 'logs', `${stamp}-${script}.log`)
  open = { path, file: openSync(join(root, path), 'a', 0o600) }
  for (const lines of [`${[script, ...process.argv.slice(2)].join(' ')}\n`, ...early]) writeSync(open.file, lines)
  early = []
  const logs = readdirSync(dirname(join(root, path))).toSorted()
  for (const old of logs.slice(0, -keptLogs)) rmSync(join(root, dirname(path), old), { force: true })
}

/** Ends the file; returns its path, relative to the root, if there is one. */
export function endLog(): string | undefined {
  if (!open) return undefined
  const { path, file } = open
  closeSync(file)
  open = undefined
  owner = undefined
  return path
}
