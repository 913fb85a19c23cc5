import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Enter, ServerMessage } from '../../backend/src/types/protocol.ts'
import { connectToEvent, type EventConnection } from '../src/lib/event-connection.ts'
import { FakeSocket } from './fake-socket.ts'
import { playerSnapshot } from './snapshots.ts'

const enter: Enter = { type: 'enter', role: 'player', event: 'e1', token: 'secret', protocol: 1 }
const start = 1_800_000_000_000

let connection: EventConnection
let heard: ServerMessage[]
let report: ReturnType<typeof vi.fn<(problem: string) => void>>

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  FakeSocket.all = []
  heard = []
  report = vi.fn<(problem: string) => void>()
  connection = connectToEvent({
    url: 'ws://site.test/ws',
    hello: () => enter,
    heard: (message) => heard.push(message),
    report,
  })
})

afterEach(() => {
  connection.close()
  vi.useRealTimers()
})

const welcome = { type: 'welcome', release: 'r1', protocol: 1, now: start }
const status = () => connection.status().phase
const sentBy = (socket: FakeSocket, type: string) => socket.sent.filter((message) => message.type === type)

function letIn(socket = FakeSocket.latest()): FakeSocket {
  socket.serverOpens()
  socket.serverSays(welcome)
  socket.serverSays(playerSnapshot())
  return socket
}

test('it says hello after the welcome, and is connected with the snapshot', () => {
  const socket = FakeSocket.latest()
  socket.serverOpens()
  expect(socket.sent).toEqual([])
  socket.serverSays(welcome)
  expect(socket.sent[0]).toEqual(enter)
  expect(status()).toBe('connecting')
  socket.serverSays(playerSnapshot())
  expect(status()).toBe('connected')
})

test('it measures the clock five times at the start, and after each heartbeat', () => {
  const socket = letIn()
  for (let time = 1; time <= 9; time += 1) {
    const sent = sentBy(socket, 'clock')[time - 1]?.['sent']
    if (sent !== undefined) socket.serverSays({ type: 'clock', sent, now: start + 5_000 })
  }
  expect(sentBy(socket, 'clock')).toHaveLength(5)
  expect(connection.now()).toBe(start + 5_000)
  socket.serverSays({ type: 'heartbeat', now: start })
  expect(sentBy(socket, 'clock')).toHaveLength(6)
})

test('what cannot be understood is reported, and changes nothing', () => {
  letIn()
  FakeSocket.latest().serverSays({ type: 'mood' })
  expect(report).toHaveBeenCalledOnce()
  expect(status()).toBe('connected')
})

test('after a restart it is back within a second', () => {
  letIn().serverCloses(1012)
  expect(status()).toBe('reconnecting')
  vi.advanceTimersByTime(1_000)
  expect(FakeSocket.all).toHaveLength(2)
  letIn()
  expect(status()).toBe('connected')
})

test('a server that has too much to do is left alone for 5 to 15 s', () => {
  letIn().serverCloses(1013)
  vi.advanceTimersByTime(4_999)
  expect(FakeSocket.all).toHaveLength(1)
  vi.advanceTimersByTime(10_001)
  expect(FakeSocket.all).toHaveLength(2)
})

test('a network that comes back is used at once', () => {
  letIn().serverCloses(1013)
  vi.advanceTimersByTime(1_000)
  window.dispatchEvent(new Event('online'))
  vi.advanceTimersByTime(1)
  expect(FakeSocket.all).toHaveLength(2)
})

test.each([4400, 4401, 4403, 4404, 4409, 4410])('a close with %s is final', (code) => {
  letIn().serverCloses(code, 'why')
  expect(connection.status()).toEqual({ phase: 'ended', code, reason: 'why' })
  window.dispatchEvent(new Event('online'))
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(1)
})

test('a server that does not speak to old pages is final as well', () => {
  FakeSocket.latest().serverOpens()
  FakeSocket.latest().serverSays(welcome)
  FakeSocket.latest().serverSays({ type: 'error', code: 'outdated', message: 'too old' })
  expect(status()).toBe('outdated')
})

test('it is dead after two and a half heartbeats without a word', () => {
  const socket = letIn()
  socket.serverSays({ type: 'heartbeat', now: start })
  vi.advanceTimersByTime(10_000)
  socket.serverSays({ type: 'heartbeat', now: start + 10_000 })
  vi.advanceTimersByTime(24_000)
  expect(status()).toBe('connected')
  vi.advanceTimersByTime(1_000)
  expect(status()).toBe('reconnecting')
})

test('heartbeats that waited for the page, and come together, are no faster pace', () => {
  const socket = letIn()
  vi.advanceTimersByTime(60_000)
  for (const now of [start + 25_000, start + 50_000]) socket.serverSays({ type: 'heartbeat', now })
  vi.advanceTimersByTime(5_000)
  expect(status()).toBe('connected')
})

test('any word shows that it is alive', () => {
  const socket = letIn()
  for (let word = 0; word < 5; word += 1) {
    vi.advanceTimersByTime(40_000)
    socket.serverSays({ type: 'clock', sent: start, now: start })
  }
  expect(status()).toBe('connected')
})

test('a phone that wakes asks whether the connection is alive, and waits 5 s', () => {
  letIn()
  window.dispatchEvent(new Event('online'))
  vi.advanceTimersByTime(4_999)
  expect(status()).toBe('connected')
  vi.advanceTimersByTime(1)
  expect(status()).toBe('reconnecting')
})

test('a connection over which something was sent, and nothing came back, is dead after 10 s', () => {
  const socket = letIn()
  connection.send({ type: 'ping', id: '1' })
  vi.advanceTimersByTime(9_999)
  socket.serverSays({ type: 'clock', sent: start, now: start })
  vi.advanceTimersByTime(9_999)
  expect(status()).toBe('connected')
  connection.send({ type: 'ping', id: '2' })
  vi.advanceTimersByTime(10_000)
  expect(status()).toBe('reconnecting')
})

test('sending again into a dead connection does not keep it alive', () => {
  letIn()
  connection.send({ type: 'ping', id: '1' })
  vi.advanceTimersByTime(9_000)
  connection.send({ type: 'ping', id: '2' })
  vi.advanceTimersByTime(999)
  expect(status()).toBe('connected')
  vi.advanceTimersByTime(1)
  expect(status()).toBe('reconnecting')
})

test('a server that never lets in is given up after 10 s', () => {
  const socket = FakeSocket.latest()
  socket.serverOpens()
  socket.serverSays(welcome)
  vi.advanceTimersByTime(10_000)
  expect(status()).toBe('reconnecting')
})

test('a server that is leaving is replaced before it is left', () => {
  const first = letIn()
  first.serverSays({ type: 'leaving', within: 10_000 })
  const second = FakeSocket.latest()
  expect(second).not.toBe(first)
  second.serverOpens()
  second.serverSays(welcome)
  expect(connection.send({ type: 'ping', id: 'on the first' })).toBe(true)
  expect(sentBy(first, 'ping')).toHaveLength(1)
  expect(first.readyState).toBe(FakeSocket.OPEN)

  second.serverSays(playerSnapshot())
  expect(first.readyState).toBe(FakeSocket.CLOSING)
  connection.send({ type: 'ping', id: 'on the second' })
  expect(sentBy(second, 'ping')).toHaveLength(1)
  expect(status()).toBe('connected')
  first.serverCloses(1012)
  expect(status()).toBe('connected')
})

test('a server that is leaving before it has let in is replaced as soon as it has', () => {
  letIn().serverSays({ type: 'leaving', within: 10_000 })
  const second = FakeSocket.latest()
  second.serverOpens()
  second.serverSays(welcome)
  second.serverSays({ type: 'leaving', within: 10_000 })
  expect(FakeSocket.all).toHaveLength(2)
  second.serverSays(playerSnapshot())
  expect(FakeSocket.all).toHaveLength(3)
  letIn()
  expect(second.readyState).toBe(FakeSocket.CLOSING)
  expect(status()).toBe('connected')
})

test('a replacement that fails is tried again while the first one serves', () => {
  const first = letIn()
  first.serverSays({ type: 'leaving', within: 10_000 })
  FakeSocket.latest().serverCloses(1006)
  expect(status()).toBe('connected')
  vi.advanceTimersByTime(1_000)
  expect(FakeSocket.all).toHaveLength(3)
  letIn()
  expect(first.readyState).toBe(FakeSocket.CLOSING)
})

test('a first connection that ends early leaves its place to the second', () => {
  const first = letIn()
  first.serverSays({ type: 'leaving', within: 10_000 })
  first.serverCloses(1012)
  expect(status()).toBe('connecting')
  letIn()
  expect(status()).toBe('connected')
  expect(FakeSocket.all).toHaveLength(2)
})

test('messages of both connections are heard, each once', () => {
  const first = letIn()
  first.serverSays({ type: 'leaving', within: 10_000 })
  heard.length = 0
  first.serverSays({ type: 'heartbeat', now: start })
  const second = letIn()
  first.serverSays({ type: 'heartbeat', now: start })
  second.serverSays({ type: 'heartbeat', now: start })
  expect(heard.map(({ type }) => type)).toEqual(['heartbeat', 'snapshot', 'heartbeat'])
})

test('without a connection nothing is sent, and the caller knows', () => {
  expect(connection.send({ type: 'ping', id: '1' })).toBe(false)
})
