import { spawnSync } from 'node:child_process'

/** Milliseconds from the start of Node.js to its end on the machine that the loads in suites.mts were measured on. */
const startThere = 40

/** How much longer a processor takes here, at least 1: side by side, jobs that are measured in seconds would be too late. */
export function slownessHere(): number {
  const starts = Array.from({ length: 5 }, () => {
    const began = performance.now()
    spawnSync(process.execPath, ['--eval', '0'])
    return performance.now() - began
  })
  return Math.max(1, Math.min(...starts) / startThere)
}
