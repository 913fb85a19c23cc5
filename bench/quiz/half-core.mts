import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of 100 ms, as Fargate does with 512 CPU units. Microseconds. */
const [quota, period] = [50_000, 100_000]

/** A cgroup that takes processes and gives them half a core. */
export interface HalfCore {
  /** The process and what it starts from now on. */
  hold(pid: number): void
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

/** Makes a cgroup. Throws where the kernel, the machine or the user's rights do not allow it. */
export function createHalfCore(name: string): HalfCore {
  const unified = '/sys/fs/cgroup/cgroup.controllers'
  if (existsSync(unified) && readFileSync(unified, 'utf8').split(/\s+/).includes('cpu')) {
    return createGroup(join('/sys/fs/cgroup', name), { 'cpu.max': `${quota} ${period}` })
  }
  const legacy = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'].find((path) => existsSync(path))
  if (!legacy) throw new Error('no cgroup of this machine has a controller for the CPU')
  return createGroup(join(legacy, name), { 'cpu.cfs_period_us': `${period}`, 'cpu.cfs_quota_us': `${quota}` })
}

function createGroup(path: string, limits: Record<string, string>): HalfCore {
  mkdirSync(path)
  try {
    for (const [file, text] of Object.entries(limits)) writeFileSync(join(path, file), text)
  } catch (error) {
    rmdirSync(path)
    throw error
  }
  return {
    hold: (pid) => writeFileSync(join(path, 'cgroup.procs'), `${pid}`),
    async remove() {
      // the kernel takes a moment to let go of a process that has ended
      for (let tries = 1; ; tries += 1) {
        try {
          return rmdirSync(path)
        } catch (error) {
          if (tries === 50) throw error
          await sleep(20)
        }
      }
    },
  }
}
