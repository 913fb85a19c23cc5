import { stripVTControlCharacters } from 'node:util'
import { wrapped } from './command-line.mts'

/* How things look as lines of text: above all a step on a terminal, from its state and the terminal's size. */

export interface ShownStep {
  title: string
  /** The title is a command. */
  isCommand: boolean
  /** The job that it belongs to, where several run at once. */
  label: string | undefined
  /** How many steps it is inside of. */
  depth: number
  /** Milliseconds since 1970. */
  started: number
  /** What stays on the screen below it: commands, and what was said. */
  kept: ({ command: string } | { remark: string })[]
  /** The end of what its last command printed, and of the details. */
  tail: string[]
  /** How many lines there were before the tail. */
  before: number
  /** What it waits for, from the time that has passed. */
  progress?: (() => string) | undefined
}

export interface Size {
  columns: number
  rows: number
}

type Paint = (text: string) => string
/** Colours, or none. */
type Palette = Record<'bold' | 'dim' | 'red' | 'green' | 'yellow', Paint>

export function palette(isColoured: boolean): Palette {
  const paint =
    (code: number): Paint =>
    (text) =>
      isColoured && text ? `\x1b[${code}m${text}\x1b[0m` : text
  return { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33) }
}

const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'.split('')
const marks = { done: ['✓', 'green'], shown: ['·', 'dim'], failed: ['✗', 'red'], stopped: ['■', 'yellow'] } as const
export type End = keyof typeof marks

/** Lines of output that a failure shows at most; it shows all of them when there are hardly more. */
const shownTail = 20

/** What stays of a task that has ended. */
export function endedLines(task: ShownStep, end: End, now: number, { columns }: Size, colours: Palette): string[] {
  const [mark, colour] = marks[end]
  const indent = indentOf(task)
  return [
    ...headLines(task, colours[colour](mark), now, columns, colours),
    ...keptLines(end === 'done' ? folded(task) : task, columns, colours),
    ...(end === 'failed' ? tailLines(task, columns - indent - 3) : []).map(
      (line) => ' '.repeat(indent) + colours.dim('│ ') + line,
    ),
  ]
}

/** A step that went well shows three commands: an upload has a dozen that differ in a type. */
function folded(task: ShownStep): ShownStep {
  const left: object[] = task.kept.filter((entry) => 'command' in entry).slice(3)
  if (left.length < 2) return task
  const kept = task.kept.filter((entry) => !left.includes(entry))
  return { ...task, kept: [...kept, { remark: `(${left.length} more commands are in the log)` }] }
}

/** What stands above the tasks that are part of a task. */
export function headingLines(task: ShownStep, { columns }: Size, colours: Palette): string[] {
  return [' '.repeat(2 + task.depth * 2) + colours.bold(task.title), ...keptLines(task, columns, colours)]
}

function keptLines(task: ShownStep, columns: number, colours: Palette): string[] {
  const indent = indentOf(task)
  return task.kept
    .flatMap((entry) =>
      'command' in entry
        ? wrapped(entry.command, columns - indent).map(colours.dim)
        : entry.remark.split('\n').flatMap((line) => broken(line, columns - 1 - indent)),
    )
    .map((line) => ' '.repeat(indent) + line)
}

function tailLines({ tail, before }: ShownStep, width: number): string[] {
  const isShort = before === 0 && tail.length <= shownTail * 1.5
  const lines = isShort ? tail : tail.slice(-shownTail)
  const left = before + tail.length - lines.length
  // longer lines in pieces, so that the bar stays next to them
  const pieces = lines.flatMap((line) => line.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'g')) ?? [''])
  return left > 0 ? [`(${left} lines before these are in the log)`, ...pieces] : pieces
}

/**
 * What is under way, in as many lines as the terminal has room for: the tasks themselves before what they are at.
 * @param waits what else is waited for
 */
export function liveLines(tasks: ShownStep[], waits: string[], now: number, size: Size, colours: Palette): string[] {
  const { columns, rows } = size
  const frame = colours.yellow(frames[Math.floor(now / 100) % frames.length]!)
  const blocks = tasks.map((task) => {
    const indent = indentOf(task)
    const below = (text: string | undefined) =>
      text === undefined ? [] : [' '.repeat(indent) + colours.dim(fitted(text, columns - 1 - indent))]
    const command = task.kept.findLast((entry) => 'command' in entry)?.command
    return {
      head: headLine(task, frame, now, columns),
      command: below(command && `$ ${command}`),
      at: below(task.progress?.() ?? task.tail.at(-1)),
    }
  })
  const foot = waits.map((wait) => fitted(`… ${wait}`, columns - 1))
  const room = Math.max(1, rows - 1)
  const [all, less, least] = [
    blocks.flatMap(({ head, command, at }) => [head, ...command, ...at]),
    blocks.flatMap(({ head, at }) => [head, ...at]),
    blocks.map(({ head }) => head),
  ].map((lines) => [...lines, ...foot])
  return [all!, less!].find((lines) => lines.length <= room) ?? least!.slice(-room)
}

function headLines(task: ShownStep, mark: string, now: number, columns: number, colours: Palette): string[] {
  if (!task.isCommand) return [headLine(task, mark, now, columns)]
  const indent = ' '.repeat(2 + task.depth * 2)
  const took = duration(now - task.started)
  const name = task.label === undefined ? '' : `${task.label}  `
  const room = roomFor(task, took, columns)
  return wrapped(task.title, room).map((line, index) =>
    index === 0
      ? `${indent}${mark} ${name}${colours.dim(line.padEnd(room))}  ${took}`
      : `${indent}  ${' '.repeat(name.length)}${colours.dim(line)}`,
  )
}

function headLine(task: ShownStep, mark: string, now: number, columns: number): string {
  const took = duration(now - task.started)
  const name = task.label === undefined ? '' : `${task.label}  `
  const room = roomFor(task, took, columns)
  const text = fitted(task.isCommand ? `$ ${task.title}` : task.title, room).padEnd(room)
  return `${' '.repeat(2 + task.depth * 2)}${mark} ${name}${text}  ${took}`
}

/** Columns between a task's mark and its time. The eye does not follow a line across a wide terminal. */
function roomFor({ depth, label }: ShownStep, took: string, columns: number): number {
  const around = 2 + depth * 2 + 2 + (label === undefined ? 0 : label.length + 2) + 2 + took.length
  return Math.max(0, Math.min(columns - 1, 100) - around)
}

/** Columns before what belongs to a task. */
export function indentOf({ depth }: Pick<ShownStep, 'depth'>): number {
  return 4 + depth * 2
}

/** Plain text on one line that is no wider than that. */
export function fitted(text: string, width: number): string {
  const plain = plainText(text).replaceAll(/\s+/g, ' ').trimEnd()
  return plain.length <= width ? plain : `${plain.slice(0, Math.max(0, width - 1))}…`
}

/** A line of a command without colours and cursor movements: of what it overwrote, the last. */
export function plainText(line: string): string {
  const [last = ''] = stripVTControlCharacters(line).split('\r').filter(Boolean).slice(-1)
  // eslint-disable-next-line no-control-regex
  return last.replaceAll('\t', '  ').replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
}

/** A remark in lines, broken between words; a word stays whole, be it a URL, and so does a line of a block, be it a command. */
function broken(text: string, width: number): string[] {
  if (text.startsWith(' ')) return [text]
  const lines = ['']
  for (const word of text.split(/(?<=\S)(?=\s)/)) {
    const line = lines.at(-1)!
    if (line === '' || line.length + word.length <= width) lines[lines.length - 1] = line + word
    else lines.push(`  ${word.trimStart()}`)
  }
  return lines
}

/** `42 s`, `3 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `2026-11-23 10:15:02 UTC`. */
export function clockTime(moment: Date | string): string {
  return `${new Date(moment).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Rows as lines of text, each column as wide as its widest cell. */
export function inColumns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return rows.map((row) => line(row).trimEnd() + '\n').join('')
}
