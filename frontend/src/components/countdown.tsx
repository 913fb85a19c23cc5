import { useState, useSyncExternalStore } from 'react'
import { everyTick } from '../lib/ticks.ts'

interface Props {
  /** Server times in milliseconds. */
  from: number
  until: number
  /** The server's time now, as this page knows it. */
  now: () => number
  /** Such as "12 seconds left": for the timer role, which is not read out by itself. */
  label: (seconds: number) => string
}

/** The time that is left, as a bar that drains and a number. */
export function Countdown({ from, until, now, label }: Props) {
  const seconds = useSecondsLeft(until, now)
  // set once: a running animation must not be restarted by every second
  const [elapsed] = useState(() => now() - from)
  const hurry = seconds <= 5
  return (
    <div role="timer" aria-label={label(seconds)} className="flex items-center gap-3">
      <div aria-hidden="true" className="h-3 grow overflow-hidden rounded-full bg-line/30">
        <div
          className={`h-full origin-left animate-drain rounded-full ${hurry ? 'bg-bad' : 'bg-accent'}`}
          style={{ animationDuration: `${until - from}ms`, animationDelay: `${-elapsed}ms` }}
        />
      </div>
      <span
        aria-hidden="true"
        className={`min-w-10 text-right text-2xl font-black tabular-nums ${hurry ? 'text-bad' : ''}`}
      >
        {seconds}
      </span>
    </div>
  )
}

/** Whole seconds until a server time, never under 0. */
export function useSecondsLeft(until: number, now: () => number): number {
  return useSyncExternalStore(everyTick, () => Math.max(0, Math.ceil((until - now()) / 1_000)))
}
