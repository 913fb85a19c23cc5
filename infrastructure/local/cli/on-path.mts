import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The file that a command name stands for. */
export function onPath(command: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, command))
    .find((file) => existsSync(file))
}
