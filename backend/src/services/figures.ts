import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Log } from './log.ts'

/** Milliseconds between two lines. */
const every = 10_000

/** What others count, at this moment. */
export interface Reading {
  sockets: number
  /** `serving`, `draining` or `drained`. */
  drain: string
  /** Events with a socket here. */
  events: number
  /** Changes that are not at their place in a log yet. */
  unwritten: number
  /** Places lost to other tasks, since the start. */
  conflicts: number
  /** Calls that DynamoDB throttled, since the start. */
  throttles: number
  /** Milliseconds since the log was read that was not read for longest. */
  tailLag: number
}

export type Figures = ReturnType<typeof createFigures>

/** One line every 10 seconds that says how this task does, for a person or a metric filter. No name is in it. */
export function createFigures(log: Log) {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  let acks: number[] = []
  let late = 0
  let timer: NodeJS.Timeout | undefined

  function write({ sockets, ...others }: Reading): void {
    const sorted = acks.toSorted((one, other) => one - other)
    const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
    log.info('figures', {
      sockets,
      ...others,
      answers: sorted.length,
      ackP50: percentile(0.5),
      ackP99: percentile(0.99),
      late,
      loopDelayP99: Math.round(delay.percentile(99) / 1e5) / 10,
      residentMb: Math.round(process.memoryUsage.rss() / 1_048_576),
    })
    acks = []
    late = 0
    delay.reset()
  }

  return {
    /** An answer got its acknowledgement so many milliseconds after it arrived. */
    acknowledged(milliseconds: number, status: string): void {
      acks.push(milliseconds)
      if (status === 'late') late += 1
    },

    start(read: () => Reading): void {
      delay.enable()
      timer = setInterval(() => write(read()), every)
      timer.unref()
    },

    stop(): void {
      delay.disable()
      clearInterval(timer)
    },
  }
}
