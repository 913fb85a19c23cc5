import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useLiveEvent } from '../src/lib/use-live-event.ts'
import { FakeSocket } from './fake-socket.ts'
import { playerSnapshot } from './snapshots.ts'

const reload = vi.fn<() => void>()

const address = (hash: string) => ({
  protocol: 'http:',
  host: 'site.test',
  pathname: '/host/e1',
  search: '',
  hash,
  reload,
})

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('location', address(''))
  FakeSocket.all = []
  reload.mockReset()
  sessionStorage.clear()
  localStorage.setItem('live-quiz:host:e1', 'token-1')
  renderHook(() => useLiveEvent('host', 'e1', '/ws'))
})

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('a new link that is opened in the same tab is followed', () => {
  window.dispatchEvent(new Event('hashchange'))
  expect(reload).toHaveBeenCalledOnce()
})

const enterAs = () => {
  FakeSocket.latest().serverOpens()
  FakeSocket.latest().serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: 0 })
  return FakeSocket.latest().sent.find(({ type }) => type === 'enter')?.['token']
}

test('an old link does not cost the valid one', () => {
  cleanup()
  vi.stubGlobal('location', address('#token-0'))
  renderHook(() => useLiveEvent('host', 'e1', '/ws'))
  expect(enterAs()).toBe('token-0')
  act(() => FakeSocket.latest().serverCloses(4401, 'unknown token'))
  expect(enterAs()).toBe('token-1')
  expect(localStorage.getItem('live-quiz:host:e1')).toBe('token-1')
})

test('a link that lets in replaces the last one', () => {
  cleanup()
  vi.stubGlobal('location', address('#token-2'))
  renderHook(() => useLiveEvent('host', 'e1', '/ws'))
  enterAs()
  expect(localStorage.getItem('live-quiz:host:e1')).toBe('token-1')
  act(() => FakeSocket.latest().serverSays({ ...playerSnapshot(), role: 'host' }))
  expect(localStorage.getItem('live-quiz:host:e1')).toBe('token-2')
})

test('a page that is too old for the server reloads once', () => {
  const toldOutdated = () =>
    act(() => {
      FakeSocket.latest().serverOpens()
      FakeSocket.latest().serverSays({ type: 'error', code: 'outdated', message: 'too old' })
    })
  toldOutdated()
  expect(reload).toHaveBeenCalledOnce()
  cleanup()
  const { result } = renderHook(() => useLiveEvent('host', 'e1', '/ws'))
  toldOutdated()
  expect(result.current?.status).toEqual({ phase: 'outdated' })
  expect(reload).toHaveBeenCalledOnce()
})
