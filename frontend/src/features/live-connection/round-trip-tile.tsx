import { Tile } from '../../components/tile.tsx'
import type { RoundTrip } from '../../lib/connection.ts'

export function RoundTripTile({ roundTrip }: { roundTrip: RoundTrip }) {
  return (
    <Tile label={roundTrip.phase === 'answered' ? <Since iso={roundTrip.connectedSince} /> : 'round trip'}>
      <span data-testid="round-trip">{figure(roundTrip)}</span>
    </Tile>
  )
}

function figure(roundTrip: RoundTrip): string {
  if (roundTrip.phase === 'answered') return `${Math.max(1, Math.round(roundTrip.ms))} ms`
  return roundTrip.phase === 'unanswered' ? 'no answer' : '–'
}

function Since({ iso }: { iso: string }) {
  return (
    <>
      round trip, connected since{' '}
      <time dateTime={iso} data-testid="connected-since">
        {new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })}
      </time>
    </>
  )
}
