import { availableParallelism, loadavg } from 'node:os'
import type { TestContext } from 'node:test'

/** Whether a promise about seconds can be judged: where many processes wait for each processor, that judges the machine. */
export function isQuiet(t: TestContext): boolean {
  const [load] = loadavg()
  const busy = load! / availableParallelism()
  if (busy > 1) t.diagnostic(`not judged for how long: ${busy.toFixed(1)} processes wait for each processor`)
  return busy <= 1
}
