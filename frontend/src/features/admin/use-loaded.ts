import { useCallback, useEffect, useRef, useState } from 'react'

export interface Loaded<Value> {
  /** undefined: not loaded yet. */
  value: Value | undefined
  /** Why it could not be loaded; undefined: it could, or will be. */
  problem: unknown
  /** Loads it again. */
  reload: () => void
}

export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [value, setValue] = useState<Value>()
  const [problem, setProblem] = useState<unknown>()
  const loading = useRef<AbortController>(undefined)

  const reload = useCallback(() => {
    // an older answer must not come after a newer one
    loading.current?.abort()
    const { signal } = (loading.current = new AbortController())
    const read = async () => {
      try {
        setValue(await load(signal))
        setProblem(undefined)
      } catch (error) {
        if (!signal.aborted) setProblem(error)
      }
    }
    void read()
  }, [load])

  useEffect(() => {
    reload()
    return () => loading.current?.abort()
  }, [reload])

  return { value, problem, reload }
}

/** Loads a list again whenever the reader comes back to the page: someone else may have changed it. */
export function useReloadOnReturn(reload: () => void): void {
  useEffect(() => {
    const visible = () => document.visibilityState === 'visible' && reload()
    document.addEventListener('visibilitychange', visible)
    return () => document.removeEventListener('visibilitychange', visible)
  }, [reload])
}
