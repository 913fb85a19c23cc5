import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ProcessPromise } from 'zx'
import { childEnvironment, guardGroup, missingProgram, releaseGroup, signalGroup, startGuard } from './children.mts'
import { commandName, fromRoot, oneLine, quote, type Piece } from './command-line.mts'
import { answerFailure, excerpt, Failure, remedyFor } from './failure.mts'
import { log, logAnswer, root } from './files.mts'
import { currentJob, hurried, isDryRun } from './job.mts'
import { commandOutput, commandStep, echo } from './narration.mts'

interface Options {
  cwd?: string
  /** Added to the environment; undefined removes a variable. */
  env?: Record<string, string | undefined>
}

interface RunOptions extends Options {
  /** Changes nothing outside this checkout, such as a build: runs in a dry run too. */
  inDryRun?: true
}

interface AskOptions extends Options {
  /** Shows the command, as `run` does. */
  shown?: boolean
  /** For a command that changes something: it is shown, and in a dry run this is the answer and the command is not run. */
  standIn?: unknown
  /** The answer is nothing to be kept in a log. */
  secret?: boolean
  /** The answer where the command prints nothing, as `aws` does when its pager found no item. Without it, that is a failure. */
  ifEmpty?: unknown
}

type Template<Result> = (pieces: TemplateStringsArray, ...values: Piece[]) => Promise<Result>

/** A way to run a command: run`docker push ${image}`, or run({ cwd })`npm run build`. One interpolation is one argument, an array is many. */
interface Command<Result, Given> {
  (pieces: TemplateStringsArray, ...values: Piece[]): Promise<Result>
  (options: Given): Template<Result>
}

interface Ended {
  exitCode: number
  stdout: string
  stderr: string
}

/**
 * Shows the command as it could be pasted and lets its output through. Fails when it fails. In a dry run it is only shown,
 * unless it is one that changes nothing outside this checkout.
 */
export const run: Command<void, RunOptions> = command(async (options: RunOptions, pieces, values) => {
  if (isDryRun() && !options.inDryRun) return void show(options, pieces, values)
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
  <Answer>(options: AskOptions & { standIn: Answer }): Template<Answer>
  <Answer>(options: AskOptions): Template<Answer>
}

/** Captures what the command answers, as JSON; says nothing. Fails when it fails. */
export const read = command(async (options: AskOptions & { absent?: RegExp }, pieces, values) => {
  const { exitCode, stderr, failed: failure, answer } = await getAnswer(options, pieces, values)
  if (options.absent?.test(stderr)) return undefined
  if (exitCode !== 0) throw failure()
  return answer()
}) as Read

interface Probed extends Ended {
  failed: () => Failure
  /** What it answered, as JSON. Fails when that is none. */
  answer: () => unknown
}

/** Asks a question whose answer may be "no": never fails. Decide on the text of the error, and throw `failed()` for any other. */
export const probe: Command<Probed, AskOptions> = command(getAnswer)

async function getAnswer(options: AskOptions, pieces: TemplateStringsArray, values: Piece[]): Promise<Probed> {
  const isChange = 'standIn' in options
  if (isChange && isDryRun()) {
    const cmd = show(options, pieces, values)
    const stdout = JSON.stringify(options.standIn)
    const answer = () => options.standIn
    return { exitCode: 0, stdout, stderr: '', failed: () => failed(cmd, 0, ''), answer }
  }
  const { child } = await start(options, pieces, values)
  if (options.shown || isChange) echo(fromRoot(child.cmd, options.cwd))
  else log(`$ ${fromRoot(child.cmd, options.cwd)}`)
  const result = await waitForEnd(child)
  logAnswer(child.cmd, options.secret ? '(not kept)' : result.stdout + result.stderr)
  return {
    ...result,
    failed: () => failed(child.cmd, result.exitCode, result.stderr),
    answer: () => parsed(child.cmd, result.stdout, options),
  }
}

function parsed(cmd: string, stdout: string, options: AskOptions): unknown {
  const isEmpty = stdout.trim() === ''
  if (isEmpty && 'ifEmpty' in options) return options.ifEmpty
  try {
    return JSON.parse(stdout)
  } catch {
    const seen = `did not answer JSON: ${options.secret ? '(not shown)' : excerpt(stdout)}`
    throw new Failure(`${commandName(cmd)} ${isEmpty ? 'exited with 0 and printed nothing' : seen}`, `look at: ${cmd}`)
  }
}

/** Shows a command that a dry run does not run. */
function show({ cwd }: Options, pieces: TemplateStringsArray, values: Piece[]): string {
  currentJob().signal.throwIfAborted()
  const [texts, ...kept] = oneLine(pieces, values)
  const tokens = kept.map((value) => (Array.isArray(value) ? value.map(quote).join(' ') : quote(String(value))))
  const cmd = String.raw({ raw: texts }, ...tokens)
  echo(fromRoot(cmd, cwd))
  return cmd
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

async function waitForEnd(child: ProcessPromise): Promise<Ended> {
  const { signal } = currentJob()
  let patience: NodeJS.Timeout | undefined
  const kill = (name: NodeJS.Signals) => signalGroup(child.pid, name)
  const stop = () => {
    kill(hurried.aborted ? 'SIGKILL' : 'SIGTERM')
    patience ??= setTimeout(kill, 5000, 'SIGKILL')
  }
  const hurryUp = () => signal.aborted && stop()
  signal.addEventListener('abort', stop)
  hurried.addEventListener('abort', hurryUp)
  // it may have been stopped while the command was starting
  if (signal.aborted) stop()
  const output = await child
  releaseGroup(child.pid)
  signal.removeEventListener('abort', stop)
  hurried.removeEventListener('abort', hurryUp)
  clearTimeout(patience)
  signal.throwIfAborted()
  return { exitCode: output.exitCode ?? 1, stdout: output.stdout, stderr: output.stderr }
}

function failed(cmd: string, exitCode: number, stderr: string): Failure {
  const missing = missingProgram(cmd, exitCode)
  if (missing) return new Failure(`${missing} is not on the PATH`, remedyFor(stderr))
  const lastLine = stderr.trim().split('\n').findLast(Boolean) ?? `exited with ${exitCode} and printed nothing`
  return answerFailure(`${commandName(cmd)}: ${lastLine}`, stderr)
}
