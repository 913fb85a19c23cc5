import { createInterface } from 'node:readline/promises'
import { currentJob } from './job.mts'

/*
 * The terminal that shows the story: lines that stay, and below them, redrawn in place, what is under way.
 * About forty lines of our own instead of log-update (which wraps what is too long for the terminal, and we cut) or listr2
 * (which wants to know its tasks before they begin).
 */
const output = process.stderr

/** Whether there is a terminal that can be drawn on. */
export const isScreen = output.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI']

let live: (() => string[]) | undefined
let suspensions = 0
/** What is drawn now, the cursor in its last line. */
let shown = ''
let timer: NodeJS.Timeout | undefined

/** Writes lines that stay. */
export function print(text: string): void {
  // what someone has typed, even ^C, stands there too
  const cleared = isScreen && suspensions === 0 ? erased() || '\r\x1b[K' : ''
  output.write(cleared + text + '\n' + drawn(currentLines()))
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
async function withoutLive<T>(work: () => Promise<T>): Promise<T> {
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
  if (lines.join('\n') !== shown) output.write(erased() + drawn(lines))
}

function currentLines(): string[] {
  return suspensions === 0 ? (live?.() ?? []) : []
}

function drawn(lines: string[]): string {
  shown = lines.join('\n')
  // without a cursor to flicker, and without wrapping: a character may be wider than we take it for. Back at the margin,
  // so that the ^C that the terminal shows does not wrap either
  return shown && `\x1b[?25l\x1b[?7l${shown}\x1b[?7h\r`
}

function erased(): string {
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
  return process.stdin.isTTY && process.stderr.isTTY && !process.env['CI']
}

export async function ask(question: string): Promise<string> {
  const { signal } = currentJob()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // readline takes Ctrl-C for itself
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return (await withoutLive(() => terminal.question(question, { signal }))).trim()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    terminal.close()
  }
}
