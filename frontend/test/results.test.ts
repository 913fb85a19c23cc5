import { afterEach, expect, test, vi } from 'vitest'
import { saveFile } from '../src/lib/results.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('the address of a file outlives the click that saves it, and not the minute', () => {
  vi.useFakeTimers()
  const revoke = vi.fn<(address: string) => void>()
  Object.assign(URL, { createObjectURL: () => 'blob:1', revokeObjectURL: revoke })
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  saveFile('players.csv', new Blob(['rank']))
  expect(click).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(30_000)
  expect(revoke).not.toHaveBeenCalled()
  vi.advanceTimersByTime(30_000)
  expect(revoke).toHaveBeenCalledExactlyOnceWith('blob:1')
})
