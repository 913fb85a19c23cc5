/** The WebSocket protocol: JSON texts, each an object with a `type`. */

export interface Ping {
  type: 'ping'
  /** Any JSON value; the pong carries it back. */
  id: unknown
}

/** Not a message of the protocol; the client gets the problem. */
export interface Malformed {
  type: 'malformed'
  problem: string
}

export type ServerMessage =
  | { type: 'welcome'; connectionId: string; release: string; players: number }
  /** `connectedSince` is ISO 8601 and comes out of DynamoDB, so a pong proves the whole way there and back. */
  | { type: 'pong'; id: unknown; connectedSince: string; players: number }
  | { type: 'error'; code: 'bad_message' | 'unavailable'; message: string }

/** Longest message accepted, in bytes; a longer one closes the connection with 1009. */
export const maxMessageBytes = 4_096

export function parseClientMessage(data: string): Ping | Malformed {
  let message: unknown
  try {
    message = JSON.parse(data)
  } catch {
    return { type: 'malformed', problem: 'a message must be JSON' }
  }
  if (typeof message !== 'object' || message === null || !('type' in message)) {
    return { type: 'malformed', problem: 'a message must be an object with a type' }
  }
  if (message.type !== 'ping') return { type: 'malformed', problem: 'unknown type; known: ping' }
  if (!('id' in message)) return { type: 'malformed', problem: 'a ping must have an id' }
  return { type: 'ping', id: message.id }
}
