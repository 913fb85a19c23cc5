import { useEffect, useState } from 'react'
import { Card } from '../../components/card.tsx'
import type { Status } from './connection.ts'

const looks = {
  connecting: { dot: 'bg-amber-500', explanation: 'Looking for the quiz server.' },
  connected: { dot: 'bg-emerald-500', explanation: 'You see everything as it happens.' },
  reconnecting: { dot: 'bg-rose-500', explanation: 'The connection was lost. This page comes back by itself.' },
}

export function ConnectionStatus({ status, since }: { status: Status; since: string | undefined }) {
  const { dot, explanation } = looks[status.phase]
  return (
    <Card aria-label="Connection" className="col-span-full flex gap-4">
      <span aria-hidden="true" className="relative mt-1.5 size-4 shrink-0">
        <span
          className={`absolute inset-0 rounded-full opacity-40 ${dot} ${status.phase === 'connected' ? 'scale-150' : 'motion-safe:animate-ping'}`}
        />
        <span className={`absolute inset-0 rounded-full ${dot}`} />
      </span>
      <div className="grow">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <p data-testid="connection" className="text-lg font-semibold tabular-nums">
            <StatusText status={status} />
          </p>
          {since !== undefined && <Since iso={since} />}
        </div>
        {/* announced once a phase: the countdown above would be read out every second */}
        <output className="block text-sm text-soft">{explanation}</output>
      </div>
    </Card>
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

function Since({ iso }: { iso: string }) {
  return (
    <p className="text-sm text-soft">
      since{' '}
      <time dateTime={iso} data-testid="connected-since">
        {new Date(iso).toLocaleTimeString()}
      </time>
    </p>
  )
}
