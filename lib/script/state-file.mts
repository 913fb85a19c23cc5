import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './root.mts'

/** A file that a run leaves behind, relative to the root, so that the commands it showed can be pasted afterwards. Safe to delete. */
export function stateFile(environment: string, ...name: string[]): string {
  const path = join('.local', 'deployments', environment, ...name)
  mkdirSync(dirname(join(root, path)), { recursive: true })
  return path
}

/** Writes JSON for a command to read; returns the file as `stateFile` does. */
export function writeStateFile(environment: string, name: string[] | string, content: object): string {
  const path = stateFile(environment, ...[name].flat())
  writeFileSync(join(root, path), JSON.stringify(content, null, 2) + '\n')
  return path
}
