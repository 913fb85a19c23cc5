import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../../lib/script/failure.mts'

/**
 * Removes the local AWS's directory. What deployments to other environments keep there stays: their logs, and the files of
 * one that runs. Returns what was removed, in words; undefined: nothing was there. Fails where something still writes there.
 */
export function removeState(directory: string): string | undefined {
  const deployments = join(directory, 'deployments')
  const others = names(deployments).filter((name) => name !== 'local')
  const ours =
    others.length === 0
      ? [directory]
      : [join(deployments, 'local'), ...names(directory).map((name) => join(directory, name))]
  const found = ours.filter((path) => path !== deployments && existsSync(path))
  for (const path of found) remove(path)
  if (found.length === 0) return undefined
  return others.length === 0 ? directory : `${directory}, but not the deployments to ${others.join(', ')}`
}

function remove(path: string, tries = 10): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 2 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    // a process that was just stopped may still write a last line; Node's retries do not look for new files
    if (tries > 1) return remove(path, tries - 1)
    throw new Failure(`something still writes to ${path}: a deployment may run`, 'end it, then: make local-down')
  }
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
