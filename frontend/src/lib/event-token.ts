import { browserStorage, type Store } from './storage.ts'

/** Who a link makes one: each has a token of its own. */
export type LinkRole = 'host' | 'screen'

interface Page {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>
  history: Pick<History, 'replaceState' | 'state'>
  storage: Pick<Store, 'getItem' | 'setItem'>
}

const browser = (): Page => ({ location, history, storage: browserStorage() })

/**
 * The token of the event's link. It moves from the address bar into storage: an address is shown on a projector, lands in
 * the browser's history and is copied to others; a reload or another tab still finds it. A new link replaces the old one.
 * Where the browser keeps nothing, the token stays in the address: a reload finds it there.
 */
export function takeEventToken(role: LinkRole, event: string, page = browser()): string | undefined {
  const key = `live-quiz:${role}:${event}`
  const given = page.location.hash.slice(1)
  if (given === '') return page.storage.getItem(key) ?? undefined
  try {
    page.storage.setItem(key, given)
    page.history.replaceState(page.history.state, '', page.location.pathname + page.location.search)
  } catch {
    // full, or forbidden
  }
  return given
}
