/** Calls back when the network is there again, or the reader: a phone that slept may have lost everything. */
export function onWake(wake: () => void): AbortController {
  const listening = new AbortController()
  const { signal } = listening
  window.addEventListener('online', wake, { signal })
  // out of the back-forward cache
  window.addEventListener('pageshow', ({ persisted }) => persisted && wake(), { signal })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(), { signal })
  return listening
}
