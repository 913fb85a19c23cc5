import { expect, test, vi } from 'vitest'
import { moduleOf } from '../src/lib/module-of.ts'
import { reloadOnce } from '../src/lib/reload-once.ts'

const store = () => {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  }
}

test('a page reloads once for a reason, and not again in the minute after', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
  const page = { store: store(), reload: vi.fn<() => void>() }
  expect(reloadOnce('chunk', page)).toBe(true)
  vi.advanceTimersByTime(59_000)
  expect(reloadOnce('chunk', page)).toBe(false)
  expect(reloadOnce('outdated', page)).toBe(true)
  expect(page.reload).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(2_000)
  expect(reloadOnce('chunk', page)).toBe(true)
  vi.useRealTimers()
})

test('offline a page stays as it is: the browser could only show its own error page', () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValueOnce(false)
  const page = { store: store(), reload: vi.fn<() => void>() }
  expect(reloadOnce('chunk', page)).toBe(false)
  expect(reloadOnce('chunk', page)).toBe(true)
})

test('a chunk that is gone neither comes nor fails while the page is loaded again', async () => {
  const outcome = moduleOf(Promise.resolve(undefined)).then(
    () => 'came',
    () => 'failed',
  )
  const aTurnLater = new Promise((resolve) => setTimeout(() => resolve('under way'), 0))
  expect(await Promise.race([outcome, aTurnLater])).toBe('under way')
  expect(await moduleOf(Promise.resolve('module'))).toBe('module')
})
