import { readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure, isInterruption, levelOf, resume } from './failure.mts'
import { currentJob, hurry, interrupt, isDryRun, startDryRun } from './job.mts'
import { say, sayFailure, undoCommands } from './narration.mts'
import { isReadByCi } from './surroundings.mts'
import { beVerbose } from './under-way.mts'

/** The script is over, whatever its output still waits for. */
let hasEnded = false
/** When the first signal came, in milliseconds. */
let stoppedAt: number | undefined
/** Why stdout, which carries data, is not complete. */
let unwritten: Failure | undefined
/** The script only follows something: see `expectCtrlC`. */
let isFollowing = false

/**
 * Runs a script when it is the one that was started, and not when another imports it. `--help` shows its header comment;
 * a Failure ends as two lines, anything else is a bug and prints its trace. Ctrl-C, SIGTERM and SIGHUP stop what is under
 * way, let the script clean up, and exit 130, 143 and 129. (A signal in the first moment, before Node runs any of our code,
 * ends the process as the system does: nothing has begun.)
 */
export async function main(meta: ImportMeta, script: (argv: string[]) => Promise<void>): Promise<void> {
  const file = fileURLToPath(meta.url)
  if (realpathSync(process.argv[1] ?? '') !== file) return
  handleSignals()
  ignoreBrokenPipe()
  const argv = process.argv.slice(2)
  if (argv.includes('--help') || argv.includes('-h')) process.stdout.write(manual(file))
  else await runScript(argv, script)
  hasEnded = true
  await Promise.all([process.stdout, process.stderr].map(flush))
  if (unwritten) {
    const exitCode = reportFailure(unwritten)
    process.exitCode ||= exitCode
  }
  // not left to Node: while it takes itself down a signal would decide the exit code
  process.exit()
}

async function runScript(argv: string[], script: (argv: string[]) => Promise<void>): Promise<void> {
  if (argv.includes('--dry-run')) startDryRun()
  if (argv.includes('--verbose')) beVerbose()
  try {
    await script(argv)
    // with an exit code already, it is that of a script of ours, which has said so
    if (isDryRun() && process.exitCode === undefined) say('\ndry run: nothing was changed')
    await tellCi()
  } catch (error) {
    // what fails after an interruption fails because of it; a script may know another remedy
    const { aborted, reason } = currentJob().signal
    const isOfReason = error instanceof Failure && error.message === (reason as Error | undefined)?.message
    const failure: unknown = aborted && !isOfReason ? reason : error
    // `main` reports that one
    if (failure !== unwritten) process.exitCode = reportFailure(failure)
    await tellCi({ title: [commandOf(process.argv), ...argv].join(' '), lines: linesOf(failure) })
  }
}

async function tellCi(failure?: { title: string; lines: string[] }): Promise<void> {
  if (!isReadByCi()) return
  const { writePage } = await import('./job-page.mts')
  writePage(undoCommands, failure)
}

function commandOf([, file = '']: string[]): string {
  return basename(file)
}

function linesOf(failure: unknown): string[] {
  if (!(failure instanceof Failure)) return [String(failure)]
  return [`${levelOf(failure)}: ${failure.message}`, `remedy: ${failure.remedy}`, ...failure.details]
}

async function flush(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()))
}

function handleSignals(): void {
  process.on('SIGINT', () => stopBy('Ctrl-C', 'SIGINT'))
  process.on('SIGTERM', () => stopBy('SIGTERM', 'SIGTERM'))
  // lib/script/start has seen nohup
  process.on('SIGHUP', () => process.env['SIGHUP_IGNORED'] || stopBy('SIGHUP (its terminal was closed)', 'SIGHUP'))
  // a bug in what runs beside the script: what is under way is cleaned up all the same
  process.on('uncaughtException', (error) => {
    if (stoppedAt !== undefined || hasEnded) console.error(error)
    stop(error, 1)
  })
}

function stopBy(what: string, signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
  const exitCode = 128 + constants.signals[signal]
  stop(new Failure(`stopped by ${what}`, resume, exitCode), exitCode)
}

function stop(reason: Error, exitCode: number): void {
  if (hasEnded) process.exit()
  if (stoppedAt === undefined) {
    stoppedAt = Date.now()
    interrupt(reason)
    // commands get five seconds to end and the script a moment to clean up; nothing may keep the terminal for longer
    setTimeout(() => process.exit(exitCode), 15_000).unref()
    return
  }
  // npm and deploy/local.mts pass on the Ctrl-C that the terminal has sent us as well
  if (Date.now() - stoppedAt > 1_000) hurry()
}

/** Exit code of a process that SIGPIPE ended. */
const readerLeft = 128 + constants.signals.SIGPIPE

/** The one that reads the output may leave: `| head`, a pager, a terminal that was closed. A deployment continues, unheard. */
function ignoreBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') {
        // a full disk; what the story loses is no reason to stop, or to end otherwise
        if (stream !== process.stdout) return
        const remedy = 'free some space there, then re-run the same command'
        unwritten ??= new Failure(`the output could not be written: ${error.message}`, remedy)
        if (isFollowing && !hasEnded) stop(unwritten, 1)
      } else if (isFollowing) stop(new Failure('no one reads the output', resume, readerLeft), readerLeft)
    })
  }
}

/** From here on the script only follows something: Ctrl-C is its usual end, as is a reader that leaves, and prints nothing. */
export function expectCtrlC(): void {
  isFollowing = true
}

/** Prints what a script answers: as data for `--json`, or else as text. */
export function printResult(json: boolean, data: unknown, text: () => string): void {
  process.stdout.write(json ? JSON.stringify(data, null, 2) + '\n' : text())
}

/** Prints a failure, and returns its exit code. */
export function reportFailure(error: unknown): number {
  if (!(error instanceof Failure)) {
    console.error(error)
    return 1
  }
  if (isFollowing && isInterruption(error)) return error.exitCode === readerLeft ? 0 : error.exitCode
  sayFailure(error.message, error.remedy, levelOf(error))
  return error.exitCode
}

/** The manual of a script: its header comment. */
export function manual(file: string): string {
  const [, header] = /\/\*\*?\n([\s\S]*?)\n ?\*\//.exec(readFileSync(file, 'utf8')) ?? []
  return (header ?? '').replace(/^ \* ?/gm, '') + '\n'
}
