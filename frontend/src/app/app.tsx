import { Button } from '../components/button.tsx'
import { Tile } from '../components/tile.tsx'
import { ConnectionDetailsPanel } from '../features/live-connection/connection-details-panel.tsx'
import { ConnectionStatus } from '../features/live-connection/connection-status.tsx'
import { RoundTripTile } from '../features/live-connection/round-trip-tile.tsx'
import { useConnection } from '../features/live-connection/use-connection.ts'
import type { Connection } from '../lib/connection.ts'

interface Props {
  name: string
  release: string
  apiUrl: string
  connection: Connection
}

export function App({ name, release, apiUrl, connection }: Props) {
  const state = useConnection(connection)
  return (
    <div className="mx-auto flex min-h-dvh max-w-2xl flex-col gap-8 px-5 pt-8 pb-6 sm:pt-16">
      <header className="flex items-center gap-3">
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1 className="text-2xl font-bold tracking-tight sm:text-3xl">{name}</h1>
      </header>
      <main className="grid grow auto-rows-max grid-cols-2 gap-4">
        <ConnectionStatus status={state.status} roundTrip={state.roundTrip} />
        <Tile label={state.players === 1 ? 'player' : 'players'}>
          <span data-testid="players">{state.players ?? '–'}</span>
        </Tile>
        <RoundTripTile roundTrip={state.roundTrip} />
        <Button
          look="primary"
          data-testid="ping"
          disabled={state.status.phase !== 'connected'}
          onClick={() => connection.ping()}
        >
          Measure again
        </Button>
        <ConnectionDetailsPanel state={state} apiUrl={apiUrl} />
      </main>
      <footer className="text-sm text-zinc-600 dark:text-zinc-400">
        Release{' '}
        <span data-testid="release" className="font-mono">
          {release}
        </span>
      </footer>
    </div>
  )
}
