import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { currentJob } from './job.mts'

/* What a run is in: a terminal, which can be drawn on and asked, or a CI, whose runner takes commands. */

/*
 * The terminal that shows the story: lines that stay, and below them, redrawn in place, what is under way.
 * About forty lines of our own instead of log-update (which wraps what is too long for the terminal, and we cut) or listr2
 * (which wants to know its tasks before they begin).
 */
const output = process.stderr

/** Whether this runs in a CI, as the documents say how one says so: a clean working tree counts as confirmed there. */
export function isCi({ CI } = process.env): boolean {
  return CI === 'true'
}

/** Whether it may, and no one looks at a terminal: some set CI to their name. */
export function mayBeCi({ CI = '' } = process.env): boolean {
  return !['', '0', 'false', 'no', 'off'].includes(CI.toLowerCase())
}

/** Whether there is a terminal that can be drawn on. */
export const isScreen = output.isTTY && process.env['TERM'] !== 'dumb' && !mayBeCi()

let live: (() => string[]) | undefined
let suspensions = 0
/** What is drawn now, the cursor in its last line. */
let shown = ''
let timer: NodeJS.Timeout | undefined

/** Writes lines that stay. */
export function print(text: string): void {
  // what someone has typed, even ^C, stands there too
  const cleared = isScreen && suspensions === 0 ? erase() || '\r\x1b[K' : ''
  output.write(cleared + text + '\n' + draw(currentLines()))
}

/** Shows these lines below the story, asked for again ten times a second; none of them may be wider than the terminal. */
export function showLive(lines: (() => string[]) | undefined): void {
  live = lines
  if (lines && !timer) {
    timer = setInterval(redraw, 100).unref()
    output.on('resize', redraw)
  } else if (!lines && timer) {
    clearInterval(timer)
    timer = undefined
    output.off('resize', redraw)
  }
  redraw()
}

/** Leaves the terminal to others while they work, such as to a question. */
async function runWithoutLive<T>(work: () => Promise<T>): Promise<T> {
  suspensions++
  redraw()
  try {
    return await work()
  } finally {
    suspensions--
    redraw()
  }
}

function redraw(): void {
  const lines = currentLines()
  if (lines.join('\n') !== shown) output.write(erase() + draw(lines))
}

function currentLines(): string[] {
  return suspensions === 0 ? (live?.() ?? []) : []
}

function draw(lines: string[]): string {
  shown = lines.join('\n')
  // without a cursor to flicker, and without wrapping: a character may be wider than we take it for. Back at the margin,
  // so that the ^C that the terminal shows does not wrap either
  return shown && `\x1b[?25l\x1b[?7l${shown}\x1b[?7h\r`
}

function erase(): string {
  if (shown === '') return ''
  // a terminal that has become narrower has wrapped what was drawn
  const columns = output.columns || 80
  const rows = shown.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(visibleWidth(line) / columns)), 0)
  shown = ''
  return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ''}\x1b[J\x1b[?25h`
}

function visibleWidth(line: string): number {
  // eslint-disable-next-line no-control-regex
  return line.replaceAll(/\x1b\[[0-9;]*m/g, '').length
}

/** Whether there is a person to ask. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && !mayBeCi()
}

/** Asks for a line. Ctrl-D, the end of the input, is an empty one. */
export async function ask(question: string): Promise<string> {
  const { signal } = currentJob()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // readline takes Ctrl-C for itself
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const [answer = ''] = await runWithoutLive(async () => {
      terminal.setPrompt(question)
      terminal.prompt()
      return await Promise.race(['line', 'close'].map((event) => once(terminal, event, { signal })))
    })
    return String(answer).trim()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    terminal.close()
  }
}

/*
 * The run of GitHub Actions that this is in, by what it alone sets: anyone may have a GITHUB_ACTOR in a shell.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */

/** Who started the run, or started it again; empty outside GitHub Actions. */
export function personInCi(env = process.env): string {
  if (env['GITHUB_ACTIONS'] !== 'true') return ''
  return env['GITHUB_TRIGGERING_ACTOR'] || env['GITHUB_ACTOR'] || ''
}

/** Where its output can be read; empty outside GitHub Actions. */
export function ciRunUrl(env = process.env): string {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT = '1' } = env
  if (env['GITHUB_ACTIONS'] !== 'true') return ''
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}`
}

/*
 * Commands to the runner of GitHub Actions. It reads them from both streams, so that stdout stays data.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */

export const isActions = process.env['GITHUB_ACTIONS'] === 'true'

/** A line that stands on the page of the run too. */
export function annotation(level: 'error' | 'warning', text: string, title = ''): string {
  const property = title && ` title=${inCommand(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}`
  return `::${level}${property}::${inCommand(text)}`
}

/** Shows on the page of a GitHub run what a report has found, and nothing elsewhere. */
export function annotate(level: 'error' | 'warning', fact: string, remedy: string): void {
  if (isActions) print(annotation(level, `${fact}\nremedy: ${remedy}`))
}

function inCommand(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Text that the runner does not obey: what a build or a task prints is no command of ours. */
export function withoutCommands(text: string): string {
  return isActions ? text.replaceAll(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '## [') : text
}

/** From here on the runner hides this text in everything that the job prints. */
export function hideFromLog(secret: string): void {
  if (isActions) print(`::add-mask::${inCommand(secret)}`)
}

/** Whether someone reads what a run gives: any CI may set these variables of GitHub. */
export function isReadByCi(env = process.env): boolean {
  return Boolean(env['GITHUB_OUTPUT'] || env['GITHUB_STEP_SUMMARY'])
}
