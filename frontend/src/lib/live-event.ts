import { type Enter, protocolVersion, type ServerMessage } from '../../../backend/src/types/protocol.ts'
import type { Wanted } from './commands.ts'
import { type ConnectionStatus, connectToEvent, type EventConnection } from './event-connection.ts'
import type { LinkRole } from './event-token.ts'
import { applied, type EventView, viewOf } from './event-view.ts'
import { randomSecret } from './secret.ts'

/** `unanswered`: nothing was heard in time; it may have been done. */
export type Outcome = 'ok' | 'stale' | 'refused' | 'unanswered'

export interface LiveState {
  status: ConnectionStatus
  /** undefined until the first snapshot. It stays while the connection is lost. */
  view: EventView | undefined
}

export interface LiveEvent {
  state: () => LiveState
  /** Connects with the first subscriber, and ends the connection with the last. */
  subscribe: (changed: () => void) => () => void
  /** The server's time, in milliseconds. */
  now: () => number
  /** Sends a command with the version that is seen now. */
  command: (wanted: Wanted) => Promise<Outcome>
}

interface Options {
  url: string
  role: LinkRole
  event: string
  token: string
  report: (problem: string) => void
}

const doneWithinMs = 5_000

/** Follows an event as its host or on its projector, for as long as someone looks. */
export function followEvent({ url, role, event, token, report }: Options): LiveEvent {
  const subscribers = new Set<() => void>()
  const waiting = new Map<string, (outcome: Outcome) => void>()
  const enter: Enter = { type: 'enter', role, event, token, protocol: protocolVersion }
  let connection: EventConnection | undefined
  let state: LiveState = { status: { phase: 'connecting' }, view: undefined }

  const change = (changes: Partial<LiveState>) => {
    state = { ...state, ...changes }
    for (const changed of subscribers) changed()
  }

  const heard = (message: ServerMessage) => {
    if (message.type === 'done') waiting.get(message.id)?.(message.status)
    const view = viewAfter(state.view, message)
    if (view !== state.view) change({ view })
  }

  const connect = (): EventConnection => {
    const opened = connectToEvent({ url, hello: () => enter, heard, report })
    opened.subscribe(() => change({ status: opened.status() }))
    return opened
  }

  return {
    state: () => state,
    subscribe: (changed) => {
      subscribers.add(changed)
      connection ??= connect()
      return () => {
        subscribers.delete(changed)
        if (subscribers.size > 0) return
        connection?.close()
        connection = undefined
      }
    },
    now: () => connection?.now() ?? Date.now(),
    command: (wanted) =>
      new Promise((resolve) => {
        const id = randomSecret()
        const end = (outcome: Outcome) => {
          clearTimeout(late)
          waiting.delete(id)
          resolve(outcome)
        }
        const late = setTimeout(() => end('unanswered'), doneWithinMs)
        waiting.set(id, end)
        const version = state.view?.state.version ?? 0
        if (!connection?.send({ type: 'command', id, version, ...wanted })) end('unanswered')
      }),
  }
}

function viewAfter(view: EventView | undefined, message: ServerMessage): EventView | undefined {
  if (view) return applied(view, message)
  return message.type === 'snapshot' ? viewOf(message) : undefined
}
