import { useSyncExternalStore } from 'react'
import type { Connection, ConnectionState } from '../../lib/connection.ts'

export function useConnection(connection: Connection): ConnectionState {
  return useSyncExternalStore(connection.subscribe, connection.state)
}
