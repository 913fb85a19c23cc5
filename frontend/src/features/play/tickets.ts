import * as v from 'valibot'
import { browserStorage, type Store } from '../../lib/storage.ts'

/** What makes this browser a player of an event. */
export interface Ticket {
  event: string
  token: string
  name: string
  /** The host has banned this browser. */
  banned?: boolean | undefined
}

const keptSchema = v.object({ token: v.string(), name: v.string(), banned: v.optional(v.boolean()) })
const keyOf = (event: string) => `live-quiz:player:${event}`

/** It survives a reload and a tab that the phone killed; another tab of this browser is the same player. */
export function readTicket(event: string, store: Store = browserStorage()): Ticket | undefined {
  try {
    const read = v.safeParse(keptSchema, JSON.parse(store.getItem(keyOf(event)) ?? 'null'))
    return read.success ? { event, ...read.output } : undefined
  } catch {
    // what is there is not ours, or the browser forbids storage: then nobody is in the event here
    return undefined
  }
}

/** False: the browser does not let the page keep it, and a reload will ask for the name again. */
export function keepTicket({ event, ...kept }: Ticket, store: Store = browserStorage()): boolean {
  try {
    store.setItem(keyOf(event), JSON.stringify(kept))
    return true
  } catch {
    return false
  }
}

export function forgetTicket(event: string, store: Store = browserStorage()): void {
  try {
    store.removeItem(keyOf(event))
  } catch {
    // a browser that forbids storage has kept none
  }
}
