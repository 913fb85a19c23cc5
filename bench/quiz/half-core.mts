import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What Fargate gives a task of 512 CPU units and 1,024 MiB: so many microseconds of each 100 ms, and bytes. */
const [quota, period, memory] = [50_000, 100_000, 1_073_741_824]

const root = '/sys/fs/cgroup'

/** Cgroups that give what is in them half a core, and the memory that a task has with it. */
interface HalfCore {
  /** Files that take a process: before it becomes Node.js, which looks at its memory when it starts. */
  doors: string[]
  /** Once no process is in it. */
  remove(): Promise<void>
}

/** Why no process can be held to half a core here; undefined when it can. */
export async function whyNotHalfCore(): Promise<string | undefined> {
  try {
    await createHalfCore(`live-quiz-bench-trial-${process.pid}`).remove()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Makes the cgroups. Throws where the kernel, the machine or the user's rights do not allow it. */
export function createHalfCore(name: string): HalfCore {
  const made: string[] = []
  try {
    for (const [parent, limits] of Object.entries(limitsHere())) {
      const path = join(root, parent, name)
      mkdirSync(path)
      made.push(path)
      for (const [file, text] of Object.entries(limits)) writeFileSync(join(path, file), text)
    }
  } catch (error) {
    for (const path of made) rmdirSync(path)
    throw error
  }
  return {
    doors: made.map((path) => join(path, 'cgroup.procs')),
    async remove() {
      for (const path of made) await removeGroup(path)
    },
  }
}

/** By directory: what to write to which file. The first form is of cgroup v2, the second of v1. */
function limitsHere(): Record<string, Record<string, string>> {
  const unified = join(root, 'cgroup.controllers')
  const controllers = existsSync(unified) ? readFileSync(unified, 'utf8').split(/\s+/) : []
  if (['cpu', 'memory'].every((each) => controllers.includes(each))) {
    return { '': { 'cpu.max': `${quota} ${period}`, 'memory.max': `${memory}` } }
  }
  const cpu = ['cpu', 'cpu,cpuacct'].find((path) => existsSync(join(root, path)))
  if (!cpu || !existsSync(join(root, 'memory'))) {
    throw new Error('no cgroup of this machine has controllers for CPU and memory')
  }
  return {
    [cpu]: { 'cpu.cfs_period_us': `${period}`, 'cpu.cfs_quota_us': `${quota}` },
    memory: { 'memory.limit_in_bytes': `${memory}` },
  }
}

async function removeGroup(path: string): Promise<void> {
  // the kernel takes a moment to let go of a process that has ended
  for (let tries = 1; ; tries += 1) {
    try {
      return rmdirSync(path)
    } catch (error) {
      if (tries === 50) throw error
      await sleep(20)
    }
  }
}
