import { browserStorage, type Store, tabStorage } from './storage.ts'

/** Who a link makes one: each has a token of its own. */
export type LinkRole = 'host' | 'screen'

interface Page {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>
  history: Pick<History, 'replaceState' | 'state'>
  /** For all tabs, what has let one in. */
  storage: Pick<Store, 'getItem' | 'setItem'>
  /** For this tab, what may be an old link. */
  tab: Store
}

const browser = (): Page => ({ location, history, storage: browserStorage(), tab: tabStorage() })
const keyOf = (role: LinkRole, event: string) => `live-quiz:${role}:${event}`

/**
 * The token of the event's link. It moves from the address bar into storage: an address is shown on a projector, lands in
 * the browser's history and is copied to others. A reload still finds it, and so does another tab once it has let this one
 * in. Where the browser keeps nothing, the token stays in the address: a reload finds it there.
 */
export function takeEventToken(role: LinkRole, event: string, page = browser()): string | undefined {
  const key = keyOf(role, event)
  const given = page.location.hash.slice(1)
  if (given === '') return page.tab.getItem(key) ?? page.storage.getItem(key) ?? undefined
  try {
    page.tab.setItem(key, given)
    page.history.replaceState(page.history.state, '', page.location.pathname + page.location.search)
  } catch {
    // full, or forbidden
  }
  return given
}

/** The token has let someone in: from now on every tab finds it, and it replaces an older one. */
export function keepEventToken(role: LinkRole, event: string, token: string, { storage, tab } = browser()): void {
  try {
    storage.setItem(keyOf(role, event), token)
    tab.removeItem(keyOf(role, event))
  } catch {
    // full, or forbidden
  }
}

/** The token lets nobody in any more. @returns another one, that of the last link that did */
export function dropEventToken(
  role: LinkRole,
  event: string,
  token: string,
  { storage, tab } = browser(),
): string | undefined {
  const last = storage.getItem(keyOf(role, event)) ?? undefined
  if (last === token || last === undefined) return
  tab.removeItem(keyOf(role, event))
  return last
}
