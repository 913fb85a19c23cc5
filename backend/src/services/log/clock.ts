import { setTimeout as sleep } from 'node:timers/promises'

/** Time, so that a test can drive it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(milliseconds, signal) {
    // an abort is not a failure here: it only ends the wait
    await sleep(milliseconds, undefined, signal && { signal }).catch(() => {})
  },
}
