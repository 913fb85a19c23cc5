import { WebSocket } from 'ws'
import type { Leaver } from '../services/drain/drain.ts'
import { closeCodes, type ServerMessage } from '../types/protocol.ts'

/** How long a client has to answer the closing handshake, in milliseconds. */
const closeGrace = 2_000

/** A socket as the drain of its task sees it. */
export function leaverOf(socket: WebSocket): Leaver {
  return {
    get isOpen() {
      return socket.readyState === WebSocket.OPEN
    },
    leave(within) {
      socket.send(JSON.stringify({ type: 'leaving', within } satisfies ServerMessage))
    },
    close() {
      socket.close(closeCodes.restart, 'service restart')
      setTimeout(() => socket.terminate(), closeGrace).unref()
    },
  }
}
