/**
 * What the server says to a page that only looks at it. The server before the quiz named its connections and counted
 * them in the welcome, today's counts events: after a rollback this page may meet either.
 */
export type ServerMessage =
  | { type: 'welcome'; release: string; connectionId?: string; players?: number }
  /** `stored`: live events in the table, read for this ping. */
  | { type: 'pong'; id: string; players: number; stored?: number }
  /** It is there, or will close this connection soon: nothing to show. */
  | { type: 'heartbeat' | 'leaving' }
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
  const { type, id, connectionId, release, players, stored, code, message } = fields as Record<string, unknown>
  if (type === 'welcome') {
    if (typeof release === 'string' && isMissingOr(isText, connectionId) && isMissingOr(isCount, players)) {
      return {
        type,
        release,
        ...(connectionId !== undefined && { connectionId }),
        ...(players !== undefined && { players }),
      }
    }
    return { problem: 'a malformed welcome' }
  }
  if (type === 'pong') {
    if (typeof id === 'string' && isCount(players) && isMissingOr(isCount, stored)) {
      return { type, id, players, ...(stored !== undefined && { stored }) }
    }
    return { problem: 'a malformed pong' }
  }
  if (type === 'heartbeat' || type === 'leaving') return { type }
  if (type === 'error') {
    if (typeof code === 'string' && typeof message === 'string') return { type, code, message }
    return { problem: 'a malformed error' }
  }
  return { problem: `a message of unknown type ${JSON.stringify(type)}` }
}

function isMissingOr<Value>(is: (value: unknown) => value is Value, value: unknown): value is Value | undefined {
  return value === undefined || is(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
