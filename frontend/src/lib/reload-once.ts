const againAfterMs = 60_000

/**
 * Reloads the page, unless it did so for the same reason within the last minute: then reloading does not help, and the
 * page must say what is wrong. Returns whether it reloads.
 */
export function reloadOnce(
  reason: string,
  page: { store: Pick<Storage, 'getItem' | 'setItem'>; reload: () => void } = {
    store: sessionStorage,
    reload: () => location.reload(),
  },
): boolean {
  const key = `live-quiz:reloaded:${reason}`
  if (Date.now() - Number(page.store.getItem(key) ?? 0) < againAfterMs) return false
  page.store.setItem(key, String(Date.now()))
  page.reload()
  return true
}
