import { currentJob } from './job.mts'

/*
 * The story of a run, on stderr; stdout is for data. Inside jobs that run side by side each line carries its job's name.
 */
const coloured = process.stderr.isTTY && !process.env['NO_COLOR']
const erased = '\r\x1b[K'

/** What stands below the story, at the foot of a terminal, while something is waited for. */
let foot: (() => string) | undefined

export function say(text: string): void {
  const { label } = currentJob()
  const prefix = label === undefined ? '' : `${label} | `
  const [above, below] = foot ? [erased, drawn(foot)] : ['', '']
  process.stderr.write(`${above}${text.replace(/^/gm, prefix)}\n${below}`)
}

/**
 * On a terminal, shows below the story what is under way and since when, each second anew, until the work is over.
 * Elsewhere the story alone has to do. No command may write to the terminal by itself meanwhile.
 * @param line from the time that has passed, `1 min 5 s`
 */
export async function withProgress<T>(line: (elapsed: string) => string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY || process.env['TERM'] === 'dumb') return await work()
  const started = Date.now()
  const outer = foot
  const inner = () => line(duration(Date.now() - started))
  const redraw = () => process.stderr.write(erased + drawn(inner))
  foot = inner
  redraw()
  const second = setInterval(redraw, 1000)
  try {
    return await work()
  } finally {
    clearInterval(second)
    foot = outer
    process.stderr.write(erased)
  }
}

/** One line of the terminal: a longer one would wrap, and could not be erased. */
function drawn(line: () => string): string {
  return `… ${line()}`.slice(0, Math.max(20, process.stderr.columns || 80) - 1)
}

/** Opens a stage. */
export function title(text: string): void {
  const gap = currentJob().label === undefined ? '\n' : ''
  say(gap + (coloured ? `\x1b[1m▸ ${text}\x1b[0m` : `▸ ${text}`))
}

/** Runs a step of a stage under its title. What the work says and runs belongs to the step, steps inside it too. */
export async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  title(text)
  return await work()
}

/** A command as it could be pasted. */
export function echo(command: string): void {
  say(coloured ? `\x1b[2m$ ${command}\x1b[0m` : `$ ${command}`)
}

/** `42 s`, `3 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
