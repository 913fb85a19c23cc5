import type { Connection, Connections } from '../db/repositories/connections.ts'

export type Presence = ReturnType<typeof createPresence>

/** A row outlives two missed heartbeats; a task that was killed is out of the count after three. */
const heartbeatsOfLife = 3

/**
 * Who is here. The truth is in DynamoDB, over all tasks; this process only remembers its own connections.
 * Every function rejects when DynamoDB does not answer: the caller reports it to the client, and nothing else breaks.
 */
export function createPresence(connections: Connections, heartbeatSeconds: number) {
  const lifetimeSeconds = heartbeatSeconds * heartbeatsOfLife
  /** With the write under way, if there is one: never two at once, or they would pile up in an outage. */
  const here = new Map<string, Connection & { write?: Promise<void> | undefined }>()
  let counting: Promise<number> | undefined
  let nextCount: Promise<number> | undefined

  async function refresh(id: string): Promise<void> {
    const connection = here.get(id)
    if (!connection) return
    connection.write ??= connections.put(connection, lifetimeSeconds).finally(() => {
      connection.write = undefined
    })
    await connection.write
  }

  /**
   * Connections over all tasks. One query runs at a time. Callers that arrive while it runs share the next one, never the
   * running one, so each caller's own row is in its count.
   */
  function players(): Promise<number> {
    if (!counting) {
      counting = connections.count().finally(() => {
        counting = undefined
      })
      return counting
    }
    nextCount ??= counting
      .catch(() => 0) // callers of that count get its error
      .then(() => {
        nextCount = undefined
        return players()
      })
    return nextCount
  }

  return {
    players,
    refresh,

    async join(id: string): Promise<void> {
      here.set(id, { id, connectedAt: new Date().toISOString() })
      await refresh(id)
    },

    /** ISO 8601, as DynamoDB has it; a row that is gone (it expired during an outage) is written again first. */
    async connectedSince(id: string): Promise<string> {
      const stored = await connections.get(id)
      if (stored) return stored.connectedAt
      await refresh(id)
      const rewritten = await connections.get(id)
      if (!rewritten) throw new Error(`the row of connection ${id} is not there`)
      return rewritten.connectedAt
    },

    async leave(id: string): Promise<void> {
      const connection = here.get(id)
      if (!connection) return
      here.delete(id)
      // a write still under way would put the row back after its removal
      await connection.write?.catch(() => {})
      await connections.remove(id)
    },
  }
}
