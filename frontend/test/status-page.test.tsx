import { act, cleanup, configure, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { StatusView } from '../src/features/live-connection/status-page.tsx'
import type { Connection, ConnectionState } from '../src/features/live-connection/connection.ts'

// the machine may be busy with other suites
configure({ asyncUtilTimeout: 10_000 })

const connecting: ConnectionState = {
  url: 'ws://site.test/ws',
  status: { phase: 'connecting' },
  release: undefined,
  connectedSince: undefined,
  players: undefined,
  stored: undefined,
  roundTrip: { phase: 'none' },
  losses: 0,
  lastLoss: undefined,
  ignoredMessages: 0,
}

const connected: ConnectionState = {
  ...connecting,
  status: { phase: 'connected' },
  release: 'server-release',
  connectedSince: '2026-11-23T09:00:00.000Z',
  players: 3,
  stored: 1,
  roundTrip: { phase: 'answered', ms: 12.4 },
}

function show(state: ConnectionState) {
  const subscribers = new Set<() => void>()
  const ping = vi.fn<() => void>()
  let current = state
  const connection: Connection = {
    state: () => current,
    subscribe: (listener) => {
      subscribers.add(listener)
      return () => subscribers.delete(listener)
    },
    ping,
    close: () => {},
  }
  render(<StatusView name="Live Quiz" release="page-release" apiUrl="/api" connection={connection} />)
  const become = (next: ConnectionState) =>
    act(() => {
      current = next
      for (const changed of subscribers) changed()
    })
  return { ping, become }
}

const text = (id: string) => screen.getByTestId(id).textContent

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('it is in English, and says so to a browser of another language', () => {
  show(connected)
  expect(screen.getByRole('main').closest('[lang]')?.getAttribute('lang')).toBe('en')
})

test('the page names itself and its release', () => {
  show(connecting)
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Live Quiz')
  expect(text('release')).toBe('page-release')
})

test('nothing is shown as known while connecting', () => {
  show(connecting)
  expect([text('connection'), text('players'), text('round-trip')]).toEqual(['connecting…', '–', '–'])
})

test('once connected it shows players and the round trip', () => {
  const { become } = show(connecting)
  become(connected)
  expect([text('connection'), text('players'), text('round-trip')]).toEqual(['connected', '3', '12 ms'])
})

test('the start of the connection is shown in local time', () => {
  show(connected)
  expect(screen.getByTestId('connected-since').getAttribute('datetime')).toBe('2026-11-23T09:00:00.000Z')
})

test('a round trip under half a millisecond is not shown as none', () => {
  show({ ...connected, roundTrip: { phase: 'answered', ms: 0.2 } })
  expect(text('round-trip')).toBe('1 ms')
})

test('a round trip of a second or more is shown in seconds', () => {
  show({ ...connected, roundTrip: { phase: 'answered', ms: 999.6 } })
  expect(text('round-trip')).toBe('1.0 s')
})

test('a ping without an answer says so', () => {
  show({ ...connected, roundTrip: { phase: 'unanswered' } })
  expect(text('round-trip')).toBe('no answer')
})

test('the button asks for a round trip', () => {
  const { ping } = show(connected)
  fireEvent.click(screen.getByTestId('ping'))
  expect(ping).toHaveBeenCalledOnce()
})

test('without a connection there is nothing to measure', () => {
  show(connecting)
  expect(screen.getByTestId('ping').getAttribute('aria-disabled')).toBe('true')
})

test('a lost connection counts down to the next attempt', () => {
  vi.useFakeTimers()
  show({ ...connecting, status: { phase: 'reconnecting', retryAt: performance.now() + 2_600 } })
  expect(text('connection')).toBe('reconnecting in 3 s')
  act(() => {
    vi.advanceTimersByTime(1_000)
  })
  expect(text('connection')).toBe('reconnecting in 2 s')
})

test('the countdown is not read out, the phase is', () => {
  show({ ...connecting, status: { phase: 'reconnecting', retryAt: performance.now() + 2_600 } })
  expect(screen.getByRole('status').textContent).toMatch(/^The connection was lost/)
  expect(screen.getByRole('status').contains(screen.getByTestId('connection'))).toBe(false)
})

test('the details show what is live over all tasks', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ quizzes: 1, players: 40 })))
  show(connected)
  fireEvent.click(screen.getByTestId('details'))
  expect(await screen.findByText('server-release')).toBeTruthy()
  expect(await screen.findByText('1 quiz, 40 players')).toBeTruthy()
})

test('unknown details are shown with the reason', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 503 })))
  show(connected)
  fireEvent.click(screen.getByTestId('details'))
  expect(await screen.findByText('unknown: the server answered 503')).toBeTruthy()
})

test('asking again closes the details', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ quizzes: 0, players: 1 })))
  show(connected)
  fireEvent.click(screen.getByTestId('details'))
  await screen.findByText('server-release')
  fireEvent.click(screen.getByTestId('details'))
  expect(screen.queryByText('server-release')).toBeNull()
})

test('details that fail to load can be loaded again', async () => {
  const chunk = '../src/features/live-connection/connection-details.tsx'
  vi.doMock(chunk, () => {
    throw new Error('the chunk is gone')
  })
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  show(connected)
  fireEvent.click(screen.getByTestId('details'))
  expect((await screen.findByRole('alert')).textContent).toContain('could not be loaded')
  expect(warn).toHaveBeenCalledOnce()

  vi.doUnmock(chunk)
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ quizzes: 0, players: 1 })))
  fireEvent.click(screen.getByTestId('details'))
  expect(await screen.findByText('server-release')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
})
