import { afterEach, expect, test, vi } from 'vitest'
import { saveFile, saveResults } from '../src/lib/results.ts'

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

test('results may take as long as a large event on a slow network needs', async () => {
  const timeout = vi.spyOn(globalThis, 'setTimeout')
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('rank')))
  Object.assign(URL, { createObjectURL: () => 'blob:1' })
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  await saveResults({ apiUrl: '/api', event: 'e1', table: 'answers', token: 't', nameless: false })
  expect(timeout.mock.calls[0]?.[1]).toBe(300_000)
})
