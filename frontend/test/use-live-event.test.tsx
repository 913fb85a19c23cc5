import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useLiveEvent } from '../src/lib/use-live-event.ts'
import { FakeSocket } from './fake-socket.ts'

const reload = vi.fn<() => void>()

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('location', {
    protocol: 'http:',
    host: 'site.test',
    pathname: '/host/e1',
    search: '',
    hash: '',
    reload,
  })
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
