import { AsyncLocalStorage } from 'node:async_hooks'
import {
  duration,
  endedLines,
  headingLines,
  liveLines,
  palette,
  type End,
  type ShownStep,
  type Size,
} from './drawing.mts'
import { endLog, log } from './files.mts'
import { currentJob, isDryRun } from './job.mts'
import { isScreen, print, showLive } from './surroundings.mts'

/*
 * What is under way: steps, and what is waited for. On a terminal it is shown until it has ended.
 */
export const colours = palette(isScreen && !process.env['NO_COLOR'])

let verbose = false

/** From here on everything is printed line by line, and as it happens, on a terminal too. */
export function beVerbose(): void {
  verbose = true
}

export function isVerbose(): boolean {
  return verbose
}

/** The work that a line belongs to. */
interface Step extends ShownStep {
  /** Steps inside it have their own lines: what it prints itself stands between these. */
  isOuter: boolean
  /** A step inside it has already shown that it failed. */
  hasFailed: boolean
}

const steps = new AsyncLocalStorage<Step>()
const underWay = new Set<Step>()
/** What is waited for outside any step. */
const waits = new Set<() => string>()

export function isCompact(): boolean {
  return isScreen && !verbose
}

/** The step that this is part of, if there is one. */
export function currentStep(): Step | undefined {
  return steps.getStore()
}

/** The step whose lines are collected below its own, if there is one. */
export function collecting(): Step | undefined {
  const inside = steps.getStore()
  return isCompact() && inside && !inside.isOuter && underWay.has(inside) ? inside : undefined
}

/** Runs the work as a step, inside the one under way. */
export async function runStep<T>(
  { title, isCommand = false }: { title: string; isCommand?: boolean },
  work: () => Promise<T>,
): Promise<T> {
  const outer = steps.getStore()
  if (outer) openUp(outer)
  const inside: Step = {
    title,
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

/** A step that has steps inside it stands above them, with what it has printed until then. */
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
  // the steps inside have shown it
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

// however the process ends: what was under way, and where the whole story is
process.on('exit', () => {
  for (const stopped of underWay) end(stopped, 'stopped')
  waits.clear()
  showUnderWay()
  const path = endLog()
  if (path) print(colours.dim(`log: ${path}`))
})
