import { useEffect, useState } from 'react'
import type { ConnectionState } from './connection.ts'
import { fetchLive } from './live.ts'

export interface ConnectionDetailsProps {
  state: ConnectionState
  apiUrl: string
}

export function ConnectionDetails({ state, apiUrl }: ConnectionDetailsProps) {
  const live = useLive(apiUrl)
  const { url, release, stored, losses, lastLoss, ignoredMessages } = state
  const facts = {
    Address: url,
    'Live now': live,
    'Server release': release ?? '–',
    'Live events in the table': stored ?? '–',
    'Lost so far': lastLoss ? `${losses}, the last one with ${lastLoss.code} ${lastLoss.reason}` : 'never',
    'Messages ignored': ignoredMessages,
  }
  return (
    <dl className="grid gap-x-6 text-sm sm:grid-cols-[auto_1fr] sm:gap-y-3">
      {Object.entries(facts).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="mb-3 font-mono wrap-anywhere sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function useLive(apiUrl: string): string {
  const [live, setLive] = useState('…')
  useEffect(() => {
    const leaving = new AbortController()
    fetchLive(apiUrl, leaving.signal).then(
      ({ quizzes, players }) => setLive(`${count(quizzes, 'quiz', 'quizzes')}, ${count(players, 'player', 'players')}`),
      (error: unknown) => {
        if (!leaving.signal.aborted) setLive(`unknown: ${error instanceof Error ? error.message : String(error)}`)
      },
    )
    return () => leaving.abort()
  }, [apiUrl])
  return live
}

function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`
}
