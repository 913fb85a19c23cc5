import { useEffect, useState } from 'react'
import type { Status } from '../../lib/connection.ts'

const colours = {
  connecting: 'bg-amber-500',
  connected: 'bg-emerald-500',
  reconnecting: 'bg-rose-500',
}

const explanations = {
  connecting: 'Looking for the quiz server.',
  connected: 'This page hears of everything as it happens.',
  reconnecting: 'The connection was lost. Nothing to do: this page comes back by itself.',
}

export function ConnectionStatus({ status }: { status: Status }) {
  return (
    <section
      aria-label="Connection"
      className="col-span-full flex items-center gap-4 rounded-2xl bg-white p-5 shadow-sm ring-1 ring-black/5 dark:bg-white/5 dark:ring-white/10"
    >
      <span aria-hidden="true" className="relative flex size-4 shrink-0">
        <span
          className={`absolute inset-0 rounded-full opacity-60 ${colours[status.phase]} ${status.phase === 'connected' ? '' : 'motion-safe:animate-ping'}`}
        />
        <span className={`relative size-4 rounded-full ${colours[status.phase]}`} />
      </span>
      <div>
        <p data-testid="connection" className="text-lg font-semibold tabular-nums">
          <StatusText status={status} />
        </p>
        {/* announced once a phase: the countdown above would be read out every second */}
        <output className="block text-sm text-zinc-600 dark:text-zinc-400">{explanations[status.phase]}</output>
      </div>
    </section>
  )
}

function StatusText({ status }: { status: Status }) {
  if (status.phase === 'connected') return 'connected'
  if (status.phase === 'connecting') return 'connecting…'
  return <Countdown until={status.retryAt} />
}

/** `until` on the clock of `performance.now()`. */
function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const tick = setInterval(() => setNow(performance.now()), 250)
    return () => clearInterval(tick)
  }, [])
  return `reconnecting in ${Math.max(1, Math.ceil((until - now) / 1000))} s`
}
