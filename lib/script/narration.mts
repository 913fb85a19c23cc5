import { AsyncLocalStorage } from 'node:async_hooks'
import { indentOf, plainText, duration } from './drawing.mts'
import { beginLog, log } from './files.mts'
import { currentJob, isDryRun } from './job.mts'
import { annotation, isActions, isScreen, print, withoutCommands } from './surroundings.mts'
import { collecting, colours, currentStep, isCompact, isVerbose, runStep } from './under-way.mts'

/*
 * The story of a run, on stderr; stdout is for data. A log has all of it. On a terminal a step is one line with its state
 * and its time, its commands below it, and its details only while it lasts, or when it fails. Elsewhere, and with
 * --verbose, everything is printed line by line. Inside jobs that run side by side each line carries its job's name.
 */
const keptTail = 200

/** Prints something that stays on the screen. */
export function say(text: string): void {
  log(text)
  const inside = collecting()
  if (inside) inside.kept.push({ remark: text })
  else print(isActions && text.startsWith(warning) ? annotatedWarning(text.slice(warning.length)) : placed(text))
}

const warning = 'warning: '

function annotatedWarning(text: string): string {
  return annotation('warning', text, currentJob().label?.trim())
}

/** Commands that undo what the run has done. */
export const undoCommands: string[] = []

/** Says how to undo what was done. */
export function offerUndo(command: string): void {
  undoCommands.push(command)
  say(`undo with: ${command}`)
}

/** Prints how something goes: on a terminal, inside a step, it is visible until there is something newer. */
export function sayDetail(text: string): void {
  log(text)
  showDetail(text)
}

/** Shows a detail that the log already has. */
function showDetail(text: string): void {
  const inside = collecting()
  if (!inside) return print(placed(text))
  inside.tail.push(...text.split('\n'))
  inside.before += inside.tail.splice(0, Math.max(0, inside.tail.length - keptTail)).length
}

/** Prints housekeeping, whose command is for the log only. */
export function sayDimmed(words: string): void {
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

/**
 * Says what a run ended with.
 * @param level what ended before it was seen to its end is no error
 */
export function sayFailure(fact: string, remedy: string, level: 'error' | 'warning' = 'error'): void {
  log(`${level}: ${fact}\nremedy: ${remedy}`)
  const paint = level === 'error' ? colours.red : colours.yellow
  if (isActions) print(annotation(level, `${fact}\nremedy: ${remedy}`))
  else print(`${paint(`${level}:`)} ${fact}\n${colours.bold('remedy:')} ${remedy}`)
}

/** Opens a stage. */
export function beginStage(text: string): void {
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
  const isGroup = isActions && !isScreen && currentStep() === undefined && currentJob().label === undefined
  if (isGroup) print(`::group::${text}`)
  else if (!isCompact()) print(labelled(colours.bold(`▸ ${text}`)))
  try {
    return await runStep({ title: text }, work)
  } finally {
    if (isGroup) print('::endgroup::')
  }
}

/** Runs a command; outside a step it is one itself. */
export async function commandStep<T>(command: string, work: () => Promise<T>): Promise<T> {
  beginLog()
  if (collecting() || !isCompact()) {
    echo(command)
    return await work()
  }
  log(`$ ${command}`)
  return await runStep({ title: command, isCommand: true }, work)
}

function labelled(text: string): string {
  const { label } = currentJob()
  return label === undefined ? text : text.replace(/^/gm, `${label} | `)
}

/** Text where it belongs: below the step that it stands in, or behind the name of its job. */
function placed(text: string): string {
  const inside = currentStep()
  const shown = labelled(withoutCommands(text))
  return isCompact() && inside ? shown.replace(/^(?=.)/gm, ' '.repeat(indentOf(inside))) : shown
}

/** Lines that say nothing about this run. */
const noise = [
  /^\s*$/,
  // docker build without buildx, three lines
  /^DEPRECATED: The legacy builder/,
  /^\s+Install the buildx component/,
  /^\s+https:\/\/docs\.docker\.com\/go\/buildx/,
  // docker login without a credential helper, three lines
  /^WARNING! Your (credentials|password)/,
  /^Configure a credential helper/,
  /^https:\/\/docs\.docker\.com\/go\/credential-store/,
  /^npm (warn|notice)\b/i,
]

const transfer = /^(?:upload|copy): .* to s3:/

/** Takes what one command prints, line by line: the log has all of it, the reader what says something. */
export function commandOutput(): { line: (text: string) => void; end: () => void } {
  let files = 0
  return {
    // a stream calls from where it was made, which is outside the step of its command
    line: AsyncLocalStorage.bind((text: string) => {
      const line = plainText(text)
      log(`  ${line}`)
      const isTransfer = !isVerbose() && transfer.test(line)
      if (isTransfer) files++
      else if (isVerbose() ? line : !noise.some((pattern) => pattern.test(line))) showDetail(line)
    }),
    end: () => {
      if (files > 0) sayDetail(`${files} ${files === 1 ? 'file' : 'files'}`)
    },
  }
}

/** What the documented timeline allows (docs/DEPLOYMENT_WORKFLOW.md), in minutes: the first time, and every time after. */
const allowed = {
  'CDK Bootstrap': { first: '2-3' },
  Infrastructure: { first: '10-15', again: '5-10' },
  Backend: { first: '5-8', again: '5-8' },
  Frontend: { first: '12-19', again: '12-17' },
  'Complete deployment': { first: '30-45', again: '20-30' },
} as const satisfies Record<string, { first: string; again?: string }>

export type Stage = keyof typeof allowed

const took: { stage: Stage; milliseconds: number }[] = []

/** Runs a stage of the documented timeline and remembers how long it took. */
export async function timeStage<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const started = Date.now()
  const result = await work()
  took.push({ stage, milliseconds: Date.now() - started })
  return result
}

let first = false

/** Says that this is the environment's first deployment: the documents allow it more. */
export function noteFirstDeployment(): void {
  first = true
}

/** Minutes that the documents allow a stage. */
export function documented(stage: Stage): string {
  const limits: { first: string; again?: string } = allowed[stage]
  return `${first ? limits.first : (limits.again ?? limits.first)} min`
}

/** Prints how long each stage took, and what the documents allow. */
export function printTimeline(): void {
  if (isDryRun()) return
  say('')
  for (const { stage, milliseconds } of took) {
    say(`${stage.padEnd(20)} ${duration(milliseconds).padStart(11)}   documented: ${documented(stage)}`)
  }
}
