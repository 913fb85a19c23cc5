import { useEffect } from 'react'

/**
 * Keeps the screen awake while a component is shown: a phone that sleeps loses the connection. Without a secure context,
 * or on a phone low on power, there is no lock, and the page works as well.
 */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined
    let isOver = false
    const take = async () => {
      // the browser takes the lock back whenever the page is hidden
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
      try {
        const taken = await navigator.wakeLock.request('screen')
        if (isOver) await taken.release()
        else lock = taken
      } catch (error) {
        console.warn('the screen may fall asleep:', error)
      }
    }
    const listener = () => void take()
    void take()
    document.addEventListener('visibilitychange', listener)
    return () => {
      isOver = true
      document.removeEventListener('visibilitychange', listener)
      void lock?.release()
    }
  }, [])
}
