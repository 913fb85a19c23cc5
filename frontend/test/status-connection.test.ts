import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Connection, connect } from '../src/features/live-connection/connection.ts'
import { FakeSocket } from './fake-socket.ts'

const report = vi.fn<(problem: string) => void>()
let connection: Connection

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.spyOn(Math, 'random').mockReturnValue(0)
  report.mockReset()
  FakeSocket.all = []
  connection = connect({ url: 'ws://site.test/ws', report })
})

afterEach(() => {
  connection.close()
  vi.useRealTimers()
})

const status = () => connection.state().status
const pings = (socket = FakeSocket.latest()) => socket.sent.filter(({ type }) => type === 'ping')
const attempts = () => FakeSocket.all.length

/** Opens the latest socket and lets it live long enough to count as a good connection. */
function liveSteadily(ms = 20_000) {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverAnswers()
  vi.advanceTimersByTime(ms)
  socket.serverAnswers()
}

function show(visibility: 'visible' | 'hidden') {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
  document.dispatchEvent(new Event('visibilitychange'))
}

test('it is connected with the welcome, which names the release', () => {
  expect(status()).toEqual({ phase: 'connecting' })
  expect(FakeSocket.latest().url).toBe('ws://site.test/ws')
  FakeSocket.latest().serverOpens()
  expect(status()).toEqual({ phase: 'connecting' })
  FakeSocket.latest().serverWelcomes()
  expect(connection.state()).toMatchObject({ status: { phase: 'connected' }, release: 'r1' })
})

test('an open connection measures a round trip by itself', () => {
  FakeSocket.latest().serverWelcomes()
  vi.advanceTimersByTime(42)
  FakeSocket.latest().serverAnswers({ players: 3 })
  expect(connection.state()).toMatchObject({
    players: 3,
    roundTrip: { phase: 'answered', ms: 42 },
  })
})

test('it measures again every 20 s', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverAnswers()
  vi.advanceTimersByTime(19_999)
  expect(pings(socket)).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(pings(socket)).toHaveLength(2)
})

test('two requests for a round trip send one ping', () => {
  FakeSocket.latest().serverWelcomes()
  connection.ping()
  connection.ping()
  expect(pings()).toHaveLength(1)
})

test('the next ping has a new id', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverAnswers()
  connection.ping()
  expect(new Set(pings(socket).map(({ id }) => id)).size).toBe(2)
})

test('the pong of an earlier ping counts the players but measures nothing', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverSays({ type: 'pong', id: 'another', stored: 1, players: 9 })
  expect(connection.state()).toMatchObject({ players: 9, roundTrip: { phase: 'none' } })
})

test('one unanswered ping is repeated and keeps the connection', () => {
  FakeSocket.latest().serverWelcomes()
  vi.advanceTimersByTime(5_000)
  expect(connection.state()).toMatchObject({ status: { phase: 'connected' }, roundTrip: { phase: 'unanswered' } })
  expect(pings()).toHaveLength(2)
})

test('a server that says nothing for ten seconds after a ping is gone', () => {
  FakeSocket.latest().serverWelcomes()
  vi.advanceTimersByTime(10_000)
  expect(status().phase).toBe('reconnecting')
  expect(FakeSocket.latest().readyState).toBe(FakeSocket.CLOSING)
  expect(connection.state()).toMatchObject({
    losses: 1,
    lastLoss: { code: 1006, reason: 'the server fell silent' },
  })
})

test('an end that is final for a page of an event is not for this one', () => {
  FakeSocket.latest().serverWelcomes()
  FakeSocket.latest().serverCloses(4408, 'nothing was said')
  vi.advanceTimersByTime(500)
  expect(attempts()).toBe(2)
})

test('a late answer still proves that the server is there', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  vi.advanceTimersByTime(5_000)
  socket.serverSays({ type: 'pong', id: pings(socket)[0]?.id, stored: 1, players: 1 })
  vi.advanceTimersByTime(5_000)
  expect(status().phase).toBe('connected')
})

test('a refused ping is reported and keeps the connection', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverSays({ type: 'error', code: 'unavailable', message: 'the database does not answer' })
  expect(connection.state().roundTrip).toEqual({ phase: 'unanswered' })
  expect(report).toHaveBeenCalledWith('the server answered unavailable: the database does not answer')
  vi.advanceTimersByTime(19_999)
  expect(connection.state().status.phase).toBe('connected')
  expect(pings(socket)).toHaveLength(1)
})

test('what the lost connection said is forgotten', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverAnswers()
  socket.serverCloses(1006)
  expect(connection.state()).toMatchObject({ release: undefined, players: undefined, roundTrip: { phase: 'none' } })
})

test('a lost connection is retried after the announced time, not before', () => {
  FakeSocket.latest().serverCloses(1006)
  expect(status()).toEqual({ phase: 'reconnecting', retryAt: performance.now() + 500 })
  vi.advanceTimersByTime(499)
  expect(attempts()).toBe(1)
  vi.advanceTimersByTime(1)
  expect(attempts()).toBe(2)
  expect(status().phase).toBe('connecting')
})

test('a server that accepts and closes at once is not hammered', () => {
  const started = performance.now()
  for (let attempt = 0; attempt < 100; attempt += 1) {
    FakeSocket.latest().serverWelcomes()
    FakeSocket.latest().serverCloses(1006)
    vi.advanceTimersToNextTimer()
  }
  expect(performance.now() - started).toBeGreaterThan(90 * 7_500)
})

test('after a connection that lasted, the next failure counts as the first', () => {
  for (let failure = 0; failure < 5; failure += 1) {
    FakeSocket.latest().serverCloses(1006)
    vi.advanceTimersToNextTimer()
  }
  liveSteadily()
  FakeSocket.latest().serverCloses(1006)
  expect(status()).toEqual({ phase: 'reconnecting', retryAt: performance.now() + 500 })
})

test('after a service restart it is back at once', () => {
  liveSteadily()
  FakeSocket.latest().serverCloses(1012, 'service restart')
  vi.advanceTimersByTime(100)
  expect(attempts()).toBe(2)
})

test.each([
  ['the network', () => window.dispatchEvent(new Event('online'))],
  ['the reader', () => show('visible')],
  ['a page kept by the browser', () => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))],
])('%s coming back ends the wait', (_, comeBack) => {
  for (let failure = 0; failure < 5; failure += 1) {
    FakeSocket.latest().serverCloses(1006)
    vi.advanceTimersToNextTimer()
  }
  FakeSocket.latest().serverCloses(1006)
  vi.advanceTimersByTime(1_000)
  const before = attempts()
  comeBack()
  vi.advanceTimersByTime(0)
  expect(attempts()).toBe(before + 1)
})

test('however often the page wakes, attempts stay a second apart', () => {
  const started = performance.now()
  while (performance.now() - started < 10_000) {
    if (FakeSocket.latest().readyState === FakeSocket.CONNECTING) FakeSocket.latest().serverCloses(1006)
    window.dispatchEvent(new Event('online'))
    vi.advanceTimersByTime(50)
  }
  expect(attempts()).toBeLessThanOrEqual(11)
})

test('waking tests a connection that claims to be open', () => {
  const socket = FakeSocket.latest()
  socket.serverWelcomes()
  socket.serverAnswers()
  show('visible')
  expect(pings(socket)).toHaveLength(2)
})

test.each(['not JSON', '[]', '{"type":"welcome"}', '{"type":"news"}'])(
  'a message that makes no sense is ignored, counted and reported: %s',
  (data) => {
    const socket = FakeSocket.latest()
    socket.serverWelcomes()
    socket.dispatchEvent(new MessageEvent('message', { data }))
    expect(connection.state()).toMatchObject({ status: { phase: 'connected' }, ignoredMessages: 1 })
    expect(report).toHaveBeenCalledOnce()
  },
)

test('subscribers get every change until they unsubscribe', () => {
  const changed = vi.fn<() => void>()
  const leave = connection.subscribe(changed)
  FakeSocket.latest().serverWelcomes()
  expect(changed).toHaveBeenCalledOnce()
  leave()
  FakeSocket.latest().serverCloses(1006)
  expect(changed).toHaveBeenCalledOnce()
})

test('closed for good, it leaves nothing behind', () => {
  FakeSocket.latest().serverCloses(1006)
  connection.close()
  window.dispatchEvent(new Event('online'))
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(60_000)
  expect(attempts()).toBe(1)
})
