import * as v from 'valibot'
import { dropOutbox } from '../../lib/outbox.ts'
import { browserStorage, type Store } from '../../lib/storage.ts'

/** What makes this browser a player of an event. */
export interface Ticket {
  event: string
  token: string
  name: string
  /** Milliseconds since 1970, by this browser's clock: then the server has deleted the player, too. */
  until?: number | undefined
}

const keptSchema = v.object({ token: v.string(), name: v.string(), until: v.optional(v.number()) })
const prefix = 'live-quiz:player:'
const keyOf = (event: string) => `${prefix}${event}`

/** It survives a reload and a tab that the phone killed; another tab of this browser is the same player. */
export function readTicket(event: string, store: Store = browserStorage()): Ticket | undefined {
  try {
    const read = v.safeParse(keptSchema, JSON.parse(store.getItem(keyOf(event)) ?? 'null'))
    if (!read.success) return undefined
    if ((read.output.until ?? Infinity) > Date.now()) return { event, ...read.output }
    forgetTicket(event, store)
    return undefined
  } catch {
    // what is there is not ours, or the browser forbids storage: then nobody is in the event here
    return undefined
  }
}

/** False: the browser does not let the page keep it, and a reload will ask for the name again. */
export function keepTicket({ event, token, name, until }: Ticket, store: Store = browserStorage()): boolean {
  try {
    store.setItem(keyOf(event), JSON.stringify({ token, name, until }))
    return true
  } catch {
    return false
  }
}

/** With the answers that were on their way. */
export function forgetTicket(event: string, store: Store = browserStorage()): void {
  try {
    store.removeItem(keyOf(event))
    dropOutbox(event, store)
  } catch {
    // a browser that forbids storage has kept none
  }
}

/** Those of events that the server has deleted: nothing else makes a browser forget. */
export function forgetOldTickets(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) readTicket(key.slice(prefix.length))
  } catch {
    // a browser that forbids storage has kept none
  }
}
