import type { Dependencies } from './dependencies.ts'

interface Schedule {
  dependencies: Dependencies
  /** Does one piece of work; rejecting keeps whatever depends on it from starting. */
  work: (id: string) => Promise<void>
  /** Asked before each piece of work: whether to start nothing more. Work that has started is waited for. */
  stopped?: () => boolean
}

/**
 * Runs everything as early as its dependencies allow, side by side, as CloudFormation does.
 * @returns what failed, by id, in the order of failing; what depended on it was never started
 */
export async function schedule({ dependencies, work, stopped = () => false }: Schedule): Promise<Map<string, unknown>> {
  const failures = new Map<string, unknown>()
  const running = new Map<string, Promise<boolean>>()

  const run = (id: string): Promise<boolean> => {
    const known = running.get(id)
    if (known) return known
    const outcome = perform(id)
    running.set(id, outcome)
    return outcome
  }
  const perform = async (id: string): Promise<boolean> => {
    const needs = (dependencies.get(id) ?? []).filter((need) => dependencies.has(need))
    const ready = await Promise.all(needs.map(run))
    if (ready.includes(false) || stopped()) return false
    try {
      await work(id)
      return true
    } catch (error) {
      failures.set(id, error)
      return false
    }
  }
  await Promise.all([...dependencies.keys()].map(run))
  return failures
}
