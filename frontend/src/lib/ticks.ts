/** For `useSyncExternalStore`: what follows the time is looked at ten times a second. */
export function everyTick(tick: () => void): () => void {
  const timer = setInterval(tick, 100)
  return () => clearInterval(timer)
}
