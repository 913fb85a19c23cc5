import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ProcessPromise } from 'zx'
import { childEnvironment, guardGroup, missingProgram, startGuard, waitForEnd, type Ended } from './children.mts'
import { commandLine, commandName, fromRoot, oneLine, quote, type Piece } from './command-line.mts'
import { answerFailure, excerpt, Failure, remedyFor } from './failure.mts'
import { log, logAnswer, root } from './files.mts'
import { currentJob, isDryRun } from './job.mts'
import { commandOutput, commandStep, echo } from './narration.mts'

interface Options {
  cwd?: string
  /** Added to the environment; undefined removes a variable. */
  env?: Record<string, string | undefined>
}

interface RunOptions extends Options {
  /** For a command that changes nothing outside this checkout, such as a build. */
  alsoInDryRun?: true
}

interface AskOptions extends Options {
  /** Shows the command, as `run` does. */
  shown?: boolean
  /** The answer is nothing to be kept in a log. */
  secret?: boolean
  /** The answer where the command prints nothing, as `aws` does when its pager found no item. Without it, that is a failure. */
  ifEmpty?: unknown
}

interface ChangeOptions extends Options {
  /** What it answers in a dry run, {} without. */
  dryRunAnswer?: unknown
  /** Whether the command is shown; where it is not, only the log has it. */
  shown?: boolean
}

type Template<Result> = (pieces: TemplateStringsArray, ...values: Piece[]) => Promise<Result>

/** A way to run a command: run`docker push ${image}`, or run({ cwd })`npm run build`. One interpolation is one argument, an array is many. */
interface Command<Result, Given> {
  (pieces: TemplateStringsArray, ...values: Piece[]): Promise<Result>
  (options: Given): Template<Result>
}

/**
 * Shows the command as it could be pasted and lets its output through. Fails when it fails. In a dry run it is only shown,
 * unless it says `alsoInDryRun`.
 */
export const run: Command<void, RunOptions> = command(async (options: RunOptions, pieces, values) => {
  if (isDryRun() && !options.alsoInDryRun) {
    showOnly({ ...options, shown: true }, pieces, values)
    return
  }
  const { child } = await start(options, pieces, values)
  await commandStep(fromRoot(child.cmd, options.cwd), async () => {
    const output = commandOutput()
    const read = [child.stdout, child.stderr].map((input) =>
      once(createInterface({ input }).on('line', output.line), 'close'),
    )
    const { exitCode } = await waitForEnd(child)
    await Promise.all(read)
    output.end()
    if (missingProgram(child.cmd, exitCode)) throw failed(child.cmd, exitCode, 'command not found')
    if (exitCode !== 0)
      throw new Failure(
        `${commandName(child.cmd)} exited with ${exitCode}`,
        'see its output above, fix that, then re-run the same command',
      )
  })
})

interface Read {
  <Answer>(pieces: TemplateStringsArray, ...values: Piece[]): Promise<Answer>
  /** Where the error says `absent`, the answer is undefined. */
  <Answer>(options: AskOptions & { absent: RegExp }): Template<Answer | undefined>
  <Answer>(options: AskOptions): Template<Answer>
}

/** Captures what the command answers, as JSON; says nothing. Fails when it fails. */
export const read = command(async (options: AskOptions & { absent?: RegExp }, pieces, values) => {
  const { stderr, answer } = await getAnswer(options, pieces, values)
  return options.absent?.test(stderr) ? undefined : answer()
}) as Read

interface Probed<Answer = unknown> extends Ended {
  failed: () => Failure
  /** What it answered, as JSON. Throws `failed()` when the command failed, and another Failure when that is no JSON. */
  answer: () => Answer
}

/** Asks a question whose answer may be "no": never fails. Decide on the text of the error, and throw `failed()` for any other. */
export const probe: Command<Probed, AskOptions> = command(getAnswer)

interface Change extends Command<Probed, ChangeOptions> {
  <Answer>(options: ChangeOptions & { dryRunAnswer: Answer }): Template<Probed<Answer>>
}

/** Changes something, and decides on the answer or the error, as `probe` does: never fails. In a dry run it is only shown. */
export const change = command(async (options: ChangeOptions, pieces, values) => {
  const { dryRunAnswer = {}, ...others } = { shown: true, ...options }
  if (!isDryRun()) return await getAnswer(others, pieces, values)
  const cmd = showOnly(others, pieces, values)
  const stdout = JSON.stringify(dryRunAnswer)
  return { exitCode: 0, stdout, stderr: '', failed: () => failed(cmd, 0, ''), answer: () => dryRunAnswer }
}) as Change

async function getAnswer(options: AskOptions, pieces: TemplateStringsArray, values: Piece[]): Promise<Probed> {
  const { child } = await start(options, pieces, values)
  show(child.cmd, options)
  const result = await waitForEnd(child)
  logAnswer(child.cmd, options.secret ? '(not kept)' : result.stdout + result.stderr)
  const failure = () => failed(child.cmd, result.exitCode, result.stderr)
  const answer = () => {
    if (result.exitCode !== 0) throw failure()
    return parseAnswer(child.cmd, result.stdout, options)
  }
  return { ...result, failed: failure, answer }
}

function parseAnswer(cmd: string, stdout: string, options: AskOptions): unknown {
  const isEmpty = stdout.trim() === ''
  if (isEmpty && 'ifEmpty' in options) return options.ifEmpty
  try {
    return JSON.parse(stdout)
  } catch {
    const seen = `did not answer JSON: ${options.secret ? '(not shown)' : excerpt(stdout)}`
    throw new Failure(`${commandName(cmd)} ${isEmpty ? 'exited with 0 and printed nothing' : seen}`, `look at: ${cmd}`)
  }
}

/** Shows a command that this dry run does not run; returns it. */
function showOnly(options: AskOptions, pieces: TemplateStringsArray, values: Piece[]): string {
  currentJob().signal.throwIfAborted()
  const cmd = commandLine(pieces, values)
  show(cmd, options)
  return cmd
}

function show(cmd: string, { cwd, shown }: AskOptions): void {
  if (shown) echo(fromRoot(cmd, cwd))
  else log(`$ ${fromRoot(cmd, cwd)}`)
}

function command<Result, Given extends Options>(
  execute: (options: Given, pieces: TemplateStringsArray, values: Piece[]) => Promise<Result>,
): Command<Result, Given> {
  const ways = (first: TemplateStringsArray | Given, ...values: Piece[]) =>
    Array.isArray(first)
      ? execute({} as Given, first as unknown as TemplateStringsArray, values)
      : (pieces: TemplateStringsArray, ...inner: Piece[]) => execute(first as Given, pieces, inner)
  return ways as Command<Result, Given>
}

async function start(
  options: Options,
  pieces: TemplateStringsArray,
  values: Piece[],
): Promise<{ child: ProcessPromise }> {
  currentJob().signal.throwIfAborted()
  // half a second saved for `--help` and every early refusal
  const { $ } = await import('zx/core')
  startGuard()
  const child = $({
    cwd: options.cwd ?? root,
    env: { ...childEnvironment(), ...options.env },
    // a hidden prompt would wait forever
    stdio: ['ignore', 'pipe', 'pipe'],
    quote,
    quiet: true,
    nothrow: true,
    // a process group of its own: Ctrl-C reaches it once, through us, and stops its children too
    detached: true,
  })(...oneLine(pieces, values))
  guardGroup(child.pid)
  // in an object: a promise of a zx process would resolve only when the process has ended
  return { child }
}

function failed(cmd: string, exitCode: number, stderr: string): Failure {
  const missing = missingProgram(cmd, exitCode)
  if (missing) return new Failure(`${missing} is not on the PATH`, remedyFor(stderr))
  const lastLine = stderr.trim().split('\n').findLast(Boolean) ?? `exited with ${exitCode} and printed nothing`
  return answerFailure(`${commandName(cmd)}: ${lastLine}`, stderr)
}
