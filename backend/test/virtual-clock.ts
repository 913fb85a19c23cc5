import type { Clock } from '../src/services/log/clock.ts'

interface Timer {
  at: number
  fire(): void
}

/** Time that passes only in `run`, from one timer to the next: ten seconds of a model take a few milliseconds. */
export function virtualClock(start: number): Clock & { run(until: number): Promise<void> } {
  let now = start
  /** By their time; equal ones in the order in which they were set. */
  const timers: Timer[] = []

  function insert(timer: Timer): void {
    let index = timers.length
    while (index > 0 && timers[index - 1]!.at > timer.at) index -= 1
    timers.splice(index, 0, timer)
  }

  return {
    now: () => now,

    async sleep(milliseconds, signal) {
      if (signal?.aborted) return
      await new Promise<void>((resolve) => {
        const timer = { at: now + Math.max(0, milliseconds), fire: done }
        function done(): void {
          signal?.removeEventListener('abort', done)
          const index = timers.indexOf(timer)
          if (index >= 0) timers.splice(index, 1)
          resolve()
        }
        insert(timer)
        signal?.addEventListener('abort', done)
      })
    },

    async run(until) {
      for (;;) {
        // everything that follows from the last timer without waiting
        await new Promise((resolve) => setImmediate(resolve))
        const next = timers[0]
        if (!next || next.at > until) break
        now = next.at
        next.fire()
      }
      now = until
    },
  }
}
