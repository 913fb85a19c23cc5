import { useState, useSyncExternalStore } from 'react'
import { Button } from '../../components/button.tsx'
import { Tile } from '../../components/tile.tsx'
import { ConnectionDetailsPanel } from './connection-details-panel.tsx'
import { ConnectionStatus } from './connection-status.tsx'
import { RoundTripTile } from './round-trip-tile.tsx'
import { type Connection, connect } from './connection.ts'
import { socketUrl } from '../../lib/socket-url.ts'

interface PageProps {
  name: string
  release: string
  apiUrl: string
  wsUrl: string
}

interface ViewProps extends Omit<PageProps, 'wsUrl'> {
  connection: Connection
}

/** Whether a page reaches the table through CDN, load balancer and task, and how fast. */
export function StatusPage({ wsUrl, ...props }: PageProps) {
  const [connection] = useState(() => connectOnce(wsUrl))
  return <StatusView {...props} connection={connection} />
}

let opened: Connection | undefined

/** One connection, for as long as the page is open: nothing leads from here to another page. */
function connectOnce(wsUrl: string): Connection {
  opened ??= connect({ url: socketUrl(wsUrl, location), report: (problem) => console.warn(problem) })
  return opened
}

export function StatusView({ name, release, apiUrl, connection }: ViewProps) {
  const state = useSyncExternalStore(connection.subscribe, connection.state)
  return (
    <div lang="en" className="mx-auto flex min-h-dvh max-w-2xl flex-col gap-8 px-5 pt-8 pb-6 sm:pt-16">
      <header className="flex items-center gap-3">
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1 className="text-2xl font-bold tracking-tight sm:text-3xl">{name}</h1>
      </header>
      <main className="grid grow auto-rows-max grid-cols-2 gap-4">
        <ConnectionStatus status={state.status} since={state.connectedSince} />
        <Tile label={state.players === 1 ? 'player' : 'players'}>
          <span data-testid="players">{state.players ?? '–'}</span>
        </Tile>
        <RoundTripTile roundTrip={state.roundTrip} />
        <Button
          look="primary"
          data-testid="ping"
          aria-disabled={state.status.phase !== 'connected'}
          onClick={() => connection.ping()}
        >
          Measure again
        </Button>
        <ConnectionDetailsPanel state={state} apiUrl={apiUrl} />
      </main>
      <footer className="text-sm text-soft">
        Release{' '}
        <span data-testid="release" className="font-mono">
          {release}
        </span>
      </footer>
    </div>
  )
}
