import { AsyncLocalStorage } from 'node:async_hooks'
import {
  duration,
  endedLines,
  headingLines,
  indentOf,
  liveLines,
  palette,
  type End,
  type Size,
  type ShownStep,
} from './drawing.mts'
import { currentJob, isDryRun } from './job.mts'
import { beginLog, endLog, log } from './log.mts'
import { isScreen, print, showLive } from './screen.mts'

export { duration } from './drawing.mts'

/*
 * The story of a run, on stderr; stdout is for data. A log has all of it. On a terminal a step is one line with its state
 * and its time, its commands below it, and what else there is to tell only while it lasts, or when it fails. Elsewhere, and
 * with --verbose, it is told line by line. Inside jobs that run side by side each line carries its job's name.
 */
const colours = palette(isScreen && !process.env['NO_COLOR'])
const isGrouped = process.env['GITHUB_ACTIONS'] === 'true'
const keptTail = 200

let verbose = false

/** From here on everything is told line by line, and as it happens, on a terminal too. */
export function beVerbose(): void {
  verbose = true
}

export function isVerbose(): boolean {
  return verbose
}

/** The work that a line belongs to. */
interface Step extends ShownStep {
  /** Steps inside it have lines of their own: what it says itself stands between these. */
  isOuter: boolean
  /** A step inside it has told already that it did not end well. */
  hasFailed: boolean
}

const steps = new AsyncLocalStorage<Step>()
const underWay = new Set<Step>()
/** What is waited for outside any step. */
const waits = new Set<() => string>()

function isCompact(): boolean {
  return isScreen && !verbose
}

/** The step whose lines are collected below its own, if there is one. */
function collecting(): Step | undefined {
  const inside = steps.getStore()
  return isCompact() && inside && !inside.isOuter && underWay.has(inside) ? inside : undefined
}

/** Says something that stays to be read. */
export function say(text: string): void {
  log(text)
  const inside = collecting()
  if (inside) inside.kept.push({ remark: text })
  else print(placed(text))
}

/** Tells in passing how something goes: on a terminal, inside a step, it is seen until there is something newer. */
export function detail(text: string): void {
  log(text)
  showDetail(text)
}

/** The same, for what the log has already. */
export function showDetail(text: string): void {
  const inside = collecting()
  if (!inside) return print(placed(text))
  inside.tail.push(...text.split('\n'))
  inside.before += inside.tail.splice(0, Math.max(0, inside.tail.length - keptTail)).length
}

/** Tells housekeeping, whose command is for the log only. */
export function note(words: string): void {
  log(words)
  print(colours.dim(placed(words)))
}

/** Shows a command as it could be pasted. */
export function echo(command: string): void {
  log(`$ ${command}`)
  const inside = collecting()
  if (!inside) return print(colours.dim(placed(`$ ${command}`)))
  inside.kept.push({ command })
  inside.tail = []
  inside.before = 0
}

/** Says what a run ended with. */
export function sayFailure(fact: string, remedy: string): void {
  log(`error: ${fact}\nremedy: ${remedy}`)
  print(`${colours.red('error:')} ${fact}\n${colours.bold('remedy:')} ${remedy}`)
}

/** Opens a stage. */
export function title(text: string): void {
  log(`▸ ${text}`)
  const isJob = currentJob().label !== undefined
  if (!isCompact()) print((isJob ? '' : '\n') + labelled(colours.bold(`▸ ${text}`)))
  // a job is known by its name
  else if (!isJob) print(`\n${colours.bold(text)}`)
}

/** Runs a step of a stage. What the work says and runs belongs to the step, steps inside it too. */
export async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  beginLog()
  log(`▸ ${text}`)
  const isGroup = isGrouped && !isScreen && steps.getStore() === undefined && currentJob().label === undefined
  if (isGroup) print(`::group::${text}`)
  else if (!isCompact()) print(labelled(colours.bold(`▸ ${text}`)))
  try {
    return await inStep(text, false, work)
  } finally {
    if (isGroup) print('::endgroup::')
  }
}

/** Runs a command, which is a step of its own where there is none. */
export async function commandStep<T>(command: string, work: () => Promise<T>): Promise<T> {
  beginLog()
  if (collecting() || !isCompact()) {
    echo(command)
    return await work()
  }
  log(`$ ${command}`)
  return await inStep(command, true, work)
}

async function inStep<T>(text: string, isCommand: boolean, work: () => Promise<T>): Promise<T> {
  const outer = steps.getStore()
  if (outer) openUp(outer)
  const inside: Step = {
    title: text,
    isCommand,
    label: currentJob().label,
    depth: outer ? outer.depth + 1 : 0,
    started: Date.now(),
    kept: [],
    tail: [],
    before: 0,
    isOuter: false,
    hasFailed: false,
  }
  underWay.add(inside)
  showUnderWay()
  try {
    const result = await steps.run(inside, work)
    end(inside, isDryRun() ? 'shown' : 'done')
    return result
  } catch (error) {
    end(inside, currentJob().signal.aborted ? 'stopped' : 'failed')
    if (outer) outer.hasFailed = true
    throw error
  }
}

/** A step that has steps inside it stands above them, with what it has said until then. */
function openUp(outer: Step): void {
  if (outer.isOuter) return
  outer.isOuter = true
  underWay.delete(outer)
  if (isCompact()) print(headingLines(outer, size(), colours).join('\n'))
  outer.kept = []
}

function end(ended: Step, how: End): void {
  const took = duration(Date.now() - ended.started)
  const isGood = how === 'done' || how === 'shown'
  if (!ended.isCommand || !isGood) log(`${how}: ${ended.title}, after ${took}`)
  underWay.delete(ended)
  showUnderWay()
  // what is inside has told it
  if (ended.isOuter && (isGood || ended.hasFailed)) return
  if (isScreen) print(endedLines(ended, how, Date.now(), size(), colours).join('\n'))
}

/**
 * On a terminal, shows what is under way and since when, until the work is over: in the step that it belongs to, or else
 * below the story. Elsewhere the story alone has to do.
 * @param line from the time that has passed, `1 min 5 s`
 */
export async function withProgress<T>(line: (elapsed: string) => string, work: () => Promise<T>): Promise<T> {
  const started = Date.now()
  const inside = collecting()
  const wait = () => line(duration(Date.now() - started))
  if (inside) inside.progress = wait
  else waits.add(wait)
  showUnderWay()
  try {
    return await work()
  } finally {
    if (inside) inside.progress = undefined
    waits.delete(wait)
    showUnderWay()
  }
}

function showUnderWay(): void {
  if (!isScreen) return
  const lines = () =>
    liveLines(
      [...underWay],
      [...waits].map((wait) => wait()),
      Date.now(),
      size(),
      colours,
    )
  showLive(underWay.size + waits.size > 0 ? lines : undefined)
}

function size(): Size {
  return { columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 }
}

function labelled(text: string): string {
  const { label } = currentJob()
  return label === undefined ? text : text.replace(/^/gm, `${label} | `)
}

/** Text where it belongs: below the step that it stands in, or behind the name of its job. */
function placed(text: string): string {
  const inside = steps.getStore()
  return isCompact() && inside ? labelled(text).replace(/^(?=.)/gm, ' '.repeat(indentOf(inside))) : labelled(text)
}

// however the process ends: what was under way, and where the whole story is
process.on('exit', () => {
  for (const stopped of underWay) end(stopped, 'stopped')
  waits.clear()
  showUnderWay()
  const path = endLog()
  if (path) print(colours.dim(`log: ${path}`))
})
