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
  if (roundTrip.phase === 'answered') return inUnits(Math.max(1, Math.round(roundTrip.ms)))
  return roundTrip.phase === 'unanswered' ? 'no answer' : '–'
}

/** Four digits of milliseconds do not fit into the tile of a small phone. */
function inUnits(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}
