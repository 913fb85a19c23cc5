import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Removes the local AWS's directory. What deployments to other environments keep there stays: their logs, and the files of
 * one that runs. Returns what was removed, in words; undefined: nothing was there.
 */
export function removeState(directory: string): string | undefined {
  const deployments = join(directory, 'deployments')
  const others = names(deployments).filter((name) => name !== 'local')
  const ours =
    others.length === 0
      ? [directory]
      : [join(deployments, 'local'), ...names(directory).map((name) => join(directory, name))]
  const found = ours.filter((path) => path !== deployments && existsSync(path))
  // a process that was just stopped may still have written a last line
  for (const path of found) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  if (found.length === 0) return undefined
  return others.length === 0 ? directory : `${directory}, but not the deployments to ${others.join(', ')}`
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
