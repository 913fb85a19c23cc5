import { Tile } from '../../components/tile.tsx'
import type { RoundTrip } from './connection.ts'

export function RoundTripTile({ roundTrip }: { roundTrip: RoundTrip }) {
  return (
    <Tile label="round trip">
      <span data-testid="round-trip">{figure(roundTrip)}</span>
    </Tile>
  )
}

function figure(roundTrip: RoundTrip): string {
  if (roundTrip.phase === 'answered') return `${Math.max(1, Math.round(roundTrip.ms))} ms`
  return roundTrip.phase === 'unanswered' ? 'no answer' : '–'
}
