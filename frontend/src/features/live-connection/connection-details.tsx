import { useEffect, useState } from 'react'
import type { ConnectionState } from '../../lib/connection.ts'
import { fetchLive } from '../../lib/live.ts'

export interface ConnectionDetailsProps {
  state: ConnectionState
  apiUrl: string
}

export function ConnectionDetails({ state, apiUrl }: ConnectionDetailsProps) {
  const live = useLive(apiUrl)
  const { server, roundTrip, lastLoss } = state
  const facts = {
    Address: state.url,
    'Live now': live,
    'Server release': server?.release ?? '–',
    'Connection id': server?.connectionId ?? '–',
    'Connected since': roundTrip.phase === 'answered' ? roundTrip.connectedSince : '–',
    'Connections lost': lastLoss ? `${state.losses}, the last one with ${describe(lastLoss)}` : 'none',
    'Messages ignored': state.ignoredMessages,
  }
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-1 text-sm sm:grid-cols-[auto_1fr] sm:gap-y-3">
      {Object.entries(facts).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-zinc-500 dark:text-zinc-400">{name}</dt>
          <dd className="mb-2 font-mono break-all sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function describe({ code, reason }: { code: number; reason: string }): string {
  return reason ? `${code} (${reason})` : `${code}`
}

function useLive(apiUrl: string): string {
  const [live, setLive] = useState('…')
  useEffect(() => {
    const leaving = new AbortController()
    fetchLive(apiUrl, leaving.signal).then(
      ({ quizzes, players }) => setLive(`${quizzes} quizzes, ${players} players over all tasks`),
      (error: unknown) => {
        if (!leaving.signal.aborted) setLive(`unknown: ${error instanceof Error ? error.message : String(error)}`)
      },
    )
    return () => leaving.abort()
  }, [apiUrl])
  return live
}
