import { readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Failure, resume } from './failure.mts'
import { currentJob, interrupt, isDryRun, startDryRun } from './job.mts'
import { say, sayFailure } from './narration.mts'
import { beVerbose } from './under-way.mts'

/**
 * Runs a script when it is the one that was started, and not when another imports it. `--help` shows its header comment;
 * a Failure ends as two lines, anything else is a bug and prints its trace. Ctrl-C and SIGTERM stop what is under way,
 * let the script clean up, and exit 130 and 143.
 */
export async function main(meta: ImportMeta, script: (argv: string[]) => Promise<void>): Promise<void> {
  const file = fileURLToPath(meta.url)
  if (realpathSync(process.argv[1] ?? '') !== file) return
  const argv = process.argv.slice(2)
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(manual(file))
    return
  }
  if (argv.includes('--dry-run')) startDryRun()
  if (argv.includes('--verbose')) beVerbose()
  process.on('SIGINT', () => stop('Ctrl-C', 130))
  process.on('SIGTERM', () => stop('SIGTERM', 143))
  try {
    await script(argv)
    if (isDryRun()) say('\ndry run: nothing was changed')
  } catch (error) {
    // what fails after an interruption fails because of it
    const { signal } = currentJob()
    process.exitCode = reportFailure(signal.aborted ? signal.reason : error)
  }
}

function stop(by: string, exitCode: number): void {
  interrupt(new Failure(`stopped by ${by}`, resume, exitCode))
  // commands get five seconds to end and the script a moment to clean up; nothing may keep the terminal for longer
  setTimeout(() => process.exit(exitCode), 10_000).unref()
}

let isFollowing = false

/** From here on the script only follows something: Ctrl-C is its usual end, and prints nothing. */
export function expectCtrlC(): void {
  isFollowing = true
}

/** Prints a failure, and returns its exit code. */
export function reportFailure(error: unknown): number {
  if (isFollowing && error === currentJob().signal.reason) return (error as Failure).exitCode
  if (!(error instanceof Failure)) {
    console.error(error)
    return 1
  }
  sayFailure(error.message, error.remedy)
  return error.exitCode
}

/** The manual of a script: its header comment. */
function manual(file: string): string {
  const [, header] = /\/\*\*?\n([\s\S]*?)\n ?\*\//.exec(readFileSync(file, 'utf8')) ?? []
  return (header ?? '').replace(/^ \* ?/gm, '') + '\n'
}
