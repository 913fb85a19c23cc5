/** What the server says. Times are ISO 8601; `players` counts the connected pages over all tasks. */
export type ServerMessage =
  | { type: 'welcome'; connectionId: string; release: string; players: number }
  | { type: 'pong'; id: string; connectedSince: string; players: number }
  /** A message of ours that got no other answer; there is never more than one awaited. */
  | { type: 'error'; code: string; message: string }

/** The message, or what is wrong with it: a page older or newer than its server must survive what it does not know. */
export function parseServerMessage(data: unknown): ServerMessage | { problem: string } {
  if (typeof data !== 'string') return { problem: 'a message that is not text' }
  let fields: unknown
  try {
    fields = JSON.parse(data)
  } catch {
    return { problem: 'a message that is not JSON' }
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    return { problem: 'a message that is not an object' }
  }
  const { type, id, connectionId, release, connectedSince, players, code, message } = fields as Record<string, unknown>
  if (type === 'welcome') {
    if (typeof connectionId === 'string' && typeof release === 'string' && isCount(players)) {
      return { type, connectionId, release, players }
    }
    return { problem: 'a malformed welcome' }
  }
  if (type === 'pong') {
    if (typeof id === 'string' && isTime(connectedSince) && isCount(players)) {
      return { type, id, connectedSince, players }
    }
    return { problem: 'a malformed pong' }
  }
  if (type === 'error') {
    if (typeof code === 'string' && typeof message === 'string') return { type, code, message }
    return { problem: 'a malformed error' }
  }
  return { problem: `a message of unknown type ${JSON.stringify(type)}` }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
