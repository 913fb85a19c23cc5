import { currentJob } from './job.mts'

/*
 * The story of a run, on stderr; stdout is for data. Inside jobs that run side by side each line carries its job's name.
 */
const coloured = process.stderr.isTTY && !process.env['NO_COLOR']

export function say(text: string): void {
  const { label } = currentJob()
  const prefix = label === undefined ? '' : `${label} | `
  process.stderr.write(text.replace(/^/gm, prefix) + '\n')
}

/** Opens a stage. */
export function title(text: string): void {
  const gap = currentJob().label === undefined ? '\n' : ''
  say(gap + (coloured ? `\x1b[1m▸ ${text}\x1b[0m` : `▸ ${text}`))
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
