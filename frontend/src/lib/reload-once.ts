import { type Store, tabStorage } from './storage.ts'

const againAfterMs = 60_000

/**
 * Reloads the page, unless it did so for the same reason within the last minute: then reloading does not help, and the
 * page must say what is wrong. So it must where the browser cannot keep that it did, and offline, where the browser would
 * show an error page of its own. Returns whether it reloads.
 */
export function reloadOnce(
  reason: string,
  page: { store: Pick<Store, 'getItem' | 'setItem'>; reload: () => void } = {
    store: tabStorage(),
    reload: () => location.reload(),
  },
): boolean {
  const key = `live-quiz:reloaded:${reason}`
  if (!navigator.onLine || Date.now() - Number(page.store.getItem(key) ?? 0) < againAfterMs) return false
  try {
    page.store.setItem(key, String(Date.now()))
  } catch {
    return false
  }
  page.reload()
  return true
}
