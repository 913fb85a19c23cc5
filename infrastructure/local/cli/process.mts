import { readdirSync, statSync } from 'node:fs'
import { pause } from '../../../lib/script/job.mts'
import { readText } from '../connection.ts'

export interface Process {
  pid: number
  parent: number
  args: string[]
}

/**
 * The processes that find the same directory at a path as we do. /proc shows others too, of the machine around a chroot
 * and of containers: the paths in their arguments are not ours.
 */
export function ownProcesses(directory = '/'): Process[] {
  const here = directoryOf('self', directory)
  return processes().filter(({ pid }) => here !== undefined && directoryOf(pid, directory) === here)
}

function directoryOf(pid: number | 'self', directory: string): string | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/root${directory}/`)
    return `${dev}:${ino}`
  } catch {
    return undefined // another user's, or gone
  }
}

/** Every process of the machine whose command line may be read. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const args = readText(`/proc/${name}/cmdline`)?.split('\0').slice(0, -1)
      // the name in parentheses may hold spaces; the parent is the second word after it
      const parent = readText(`/proc/${name}/stat`)?.split(') ').at(-1)?.split(' ')[1]
      return args && parent ? [{ pid: Number(name), parent: Number(parent), args }] : []
    })
}

/** A process that has ended and was not waited for (a zombie) does not count as running. */
export function isRunning(pid: number): boolean {
  const state = readText(`/proc/${pid}/stat`)?.split(') ').at(-1)?.[0]
  return state !== undefined && state !== 'Z'
}

/** Resident memory in bytes. */
export function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1024
}

/** Asks a process to end, waits, and kills it when `patience` milliseconds are over. */
export async function stop(pid: number, patience: number): Promise<void> {
  for (const [signal, wait] of [
    ['SIGTERM', patience],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return // gone
    }
    for (const deadline = Date.now() + wait; Date.now() < deadline; await pause(20)) {
      if (!isRunning(pid)) return
    }
  }
}
