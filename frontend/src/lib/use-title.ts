import { useEffect } from 'react'

/** What the tab is called while the page is open: a host has three of them. */
export function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title
    document.title = title
    return () => {
      document.title = before
    }
  }, [title])
}
