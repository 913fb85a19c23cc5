import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { followEvent, type LiveEvent } from '../src/lib/live-event.ts'
import { FakeSocket } from './fake-socket.ts'
import { lobby, state } from './live-messages.ts'

const start = 1_800_000_000_000

let live: LiveEvent
let leave: () => void
const changed = vi.fn<() => void>()

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.all = []
  live = followEvent({ url: 'ws://site.test/ws', role: 'host', event: 'e1', token: 'secret', report: () => {} })
  leave = live.subscribe(changed)
})

afterEach(() => {
  leave()
  changed.mockReset()
  vi.useRealTimers()
})

function letIn(): FakeSocket {
  const socket = FakeSocket.latest()
  socket.serverOpens()
  socket.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: start })
  socket.serverSays(lobby)
  return socket
}

const commandOf = (socket: FakeSocket) => socket.sent.find(({ type }) => type === 'command')

test('a host enters with the token of the link, and sees the event', () => {
  const socket = letIn()
  expect(socket.sent[0]).toEqual({ type: 'enter', role: 'host', event: 'e1', token: 'secret', protocol: 1 })
  expect(live.state()).toMatchObject({ status: { phase: 'connected' }, view: { state: { phase: 'lobby' } } })
})

test('what the server says is seen, what says nothing about the event changes nothing', () => {
  const socket = letIn()
  socket.serverSays(state({ phase: 'question', question: 0 }))
  expect(live.state().view?.state.phase).toBe('question')
  changed.mockReset()
  socket.serverSays({ type: 'heartbeat', now: start })
  expect(changed).not.toHaveBeenCalled()
})

test('a command carries the version that was seen, and ends with what the server says', async () => {
  const socket = letIn()
  socket.serverSays(state({ version: 7 }))
  const outcome = live.command({ name: 'ask', question: 0 })
  const sent = commandOf(socket)
  expect(sent).toMatchObject({ type: 'command', name: 'ask', question: 0, version: 7 })
  socket.serverSays({ type: 'done', id: 'of another tab', status: 'ok', version: 8 })
  socket.serverSays({ type: 'done', id: sent?.id, status: 'stale', version: 8 })
  expect(await outcome).toBe('stale')
})

test('a command without an answer ends after 5 s', async () => {
  letIn()
  const outcome = live.command({ name: 'close' })
  vi.advanceTimersByTime(5_000)
  expect(await outcome).toBe('unanswered')
})

test('without a connection nothing is sent, and that is said at once', async () => {
  const socket = letIn()
  socket.serverCloses(1006)
  expect(await live.command({ name: 'close' })).toBe('unanswered')
  expect(commandOf(socket)).toBeUndefined()
})

test('what was seen stays while the connection is lost', () => {
  letIn().serverCloses(1006)
  expect(live.state()).toMatchObject({ status: { phase: 'reconnecting' }, view: { event: { id: 'event-1' } } })
})

test('a link that is not valid any more is final', () => {
  letIn().serverCloses(4401, 'why')
  expect(live.state().status).toEqual({ phase: 'ended', code: 4401, reason: 'why' })
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(1)
})

test('the connection ends when nobody looks any more', () => {
  const socket = letIn()
  const leaveToo = live.subscribe(() => {})
  leave()
  expect(socket.readyState).toBe(FakeSocket.OPEN)
  leaveToo()
  expect(socket.readyState).toBe(FakeSocket.CLOSING)
})
