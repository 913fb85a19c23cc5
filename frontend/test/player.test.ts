import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Join, StateMessage } from '../../backend/src/types/protocol.ts'
import { play, type Player } from '../src/features/play/player.ts'
import { keepTicket, readTicket } from '../src/features/play/tickets.ts'
import { openOutbox } from '../src/lib/outbox.ts'
import { FakeSocket } from './fake-socket.ts'
import { capitals, playerSnapshot } from './snapshots.ts'

const start = 1_800_000_000_000
const ticket = { event: 'e1', token: 'secret', name: 'Ada' }
const join: Join = { type: 'join', id: 'x'.repeat(22), code: '123456', name: 'Ada' }
const asked: StateMessage = {
  ...playerSnapshot().state,
  type: 'state',
  version: 2,
  phase: 'question',
  question: 0,
  opensAt: start,
  closesAt: start + 20_000,
}

let player: Player
const report = vi.fn<(problem: string) => void>()

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.all = []
  localStorage.clear()
  keepTicket(ticket)
  player = play({ url: 'ws://site.test/ws', as: ticket, report })
})

afterEach(() => {
  player.close()
  vi.useRealTimers()
})

function letIn(snapshot = playerSnapshot()): FakeSocket {
  const socket = FakeSocket.latest()
  socket.serverOpens()
  socket.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: start })
  socket.serverSays(snapshot)
  return socket
}

function ask(socket: FakeSocket): FakeSocket {
  socket.serverSays({ type: 'question', ...capitals })
  socket.serverSays(asked)
  return socket
}

const answers = (socket = FakeSocket.latest()) => socket.sent.filter(({ type }) => type === 'answer')
const acknowledge = (socket: FakeSocket, status: string, choices: number[]) =>
  socket.serverSays({ type: 'ack', id: answers(socket).at(-1)?.id, status, choices })

/** Five seconds in which the server answers nothing but the time. */
function waitFor5Seconds(socket: FakeSocket): void {
  socket.serverSays({ type: 'clock', sent: start, now: start })
  vi.advanceTimersByTime(5_000)
}

test('a tap is sent with the server’s time, and saved when the server says so', () => {
  const socket = ask(letIn())
  vi.advanceTimersByTime(1_500)
  player.answer([1])
  expect(answers(socket)).toMatchObject([{ question: 0, choices: [1], at: start + 1_500 }])
  expect(player.state().answer).toEqual({ choices: [1], status: 'sending' })
  acknowledge(socket, 'saved', [1])
  expect(player.state().answer).toEqual({ choices: [1], status: 'saved' })
  vi.advanceTimersByTime(6_000)
  expect(answers(socket)).toHaveLength(1)
})

test('the first answer counts: another tap sends nothing', () => {
  const socket = ask(letIn())
  player.answer([1])
  player.answer([2])
  acknowledge(socket, 'saved', [1])
  player.answer([2])
  expect(answers(socket)).toHaveLength(1)
  expect(player.state().answer?.choices).toEqual([1])
})

test.each(['not_open', 'invalid'])('an answer that was %s may be given again', (status) => {
  const socket = ask(letIn())
  player.answer([1])
  acknowledge(socket, status, [1])
  expect(player.state().answer?.status).toBe(status)
  player.answer([2])
  expect(answers(socket).map(({ choices }) => choices)).toEqual([[1], [2]])
})

test('an answer that counts stays so when an earlier copy of it is refused', () => {
  const socket = ask(letIn())
  player.answer([1])
  waitFor5Seconds(socket)
  acknowledge(socket, 'saved', [1])
  acknowledge(socket, 'not_open', [1])
  expect(player.state().answer).toEqual({ choices: [1], status: 'saved' })
})

test('an unacknowledged answer is sent again after 5 s, as the same one', () => {
  const socket = ask(letIn())
  player.answer([1])
  waitFor5Seconds(socket)
  expect(answers(socket)).toHaveLength(2)
  expect(answers(socket)[1]).toEqual(answers(socket)[0])
})

test('an answer that was stored, but acknowledged in vain, is not said to be an earlier one', () => {
  const socket = ask(letIn())
  player.answer([1])
  waitFor5Seconds(socket)
  acknowledge(socket, 'already', [1])
  expect(player.state().answer).toEqual({ choices: [1], status: 'saved' })
})

test('an answer of another tab is shown as the one that counts', () => {
  const socket = ask(letIn())
  player.answer([1])
  acknowledge(socket, 'already', [2])
  expect(player.state().answer).toEqual({ choices: [2], status: 'already' })
})

test('without a connection the answer is kept, and sent with the time of the tap', () => {
  ask(letIn()).serverCloses(1006)
  player.answer([2])
  expect(player.state().answer).toEqual({ choices: [2], status: 'kept' })
  vi.advanceTimersByTime(15_000)
  const again = letIn(playerSnapshot({ state: asked, question: capitals }))
  expect(answers(again)).toMatchObject([{ choices: [2], at: start }])
  acknowledge(again, 'saved', [2])
  expect(player.state().answer?.status).toBe('saved')
})

test('an answer on its way survives a reload of the page', () => {
  ask(letIn()).serverCloses(1006)
  player.answer([2])
  player.close()
  player = play({ url: 'ws://site.test/ws', as: ticket, report })
  const socket = letIn(playerSnapshot({ state: asked, question: capitals }))
  expect(player.state().answer).toEqual({ choices: [2], status: 'sending' })
  expect(answers(socket)).toMatchObject([{ choices: [2], at: start }])
})

test('an answer that was left behind is never sent as that of the next player on this phone', () => {
  ask(letIn()).serverCloses(1006)
  player.answer([2])
  player.close()
  player = play({ url: 'ws://site.test/ws', as: { ...ticket, token: 'y'.repeat(22), name: 'Bob' }, report })
  const socket = letIn(playerSnapshot({ state: asked, question: capitals }))
  expect([answers(socket), player.state().answer]).toEqual([[], undefined])
})

test('what a page of an older release kept is sent, but not as that of someone who joins', () => {
  const keepAsBefore = () => openOutbox('e1').add({ id: 'a1', question: 0, choices: [2], at: start })
  player.close()
  keepAsBefore()
  player = play({ url: 'ws://site.test/ws', as: ticket, report })
  expect(answers(letIn(playerSnapshot({ state: asked, question: capitals })))).toMatchObject([{ id: 'a1' }])
  expect(openOutbox('e1').waiting()).toEqual([])

  player.close()
  keepAsBefore()
  player = play({ url: 'ws://site.test/ws', as: join, report })
  const bob = { event: 'e1', token: 'y'.repeat(22), name: 'Bob' }
  const { event, token, name } = bob
  FakeSocket.latest().serverOpens()
  FakeSocket.latest().serverSays({ type: 'joined', id: join.id, token, event, player: { player: 2, name } })
  player.close()
  player = play({ url: 'ws://site.test/ws', as: bob, report })
  expect(answers(letIn(playerSnapshot({ state: asked, question: capitals })))).toEqual([])
})

test('an answer to an earlier question is not shown as one to this', () => {
  const socket = ask(letIn())
  player.answer([1])
  const id = answers(socket)[0]?.id
  socket.serverSays({ ...asked, version: 5, question: 1 })
  socket.serverSays({ type: 'ack', id, status: 'late', choices: [1] })
  expect(player.state().answer).toBeUndefined()
})

test('after a reload the snapshot says what was saved', () => {
  letIn(playerSnapshot({ state: asked, question: capitals, answer: { choices: [1], status: 'saved' } }))
  expect(player.state().answer).toEqual({ choices: [1], status: 'saved' })
})

test('when a connection replaces another, answers on their way go over both', () => {
  const first = ask(letIn())
  player.answer([1])
  first.serverSays({ type: 'leaving', within: 5_000 })
  const second = letIn(playerSnapshot({ state: asked, question: capitals }))
  expect(answers(second)).toEqual(answers(first))
})

test('over a connection that replaces another, an answer is sent again after 5 s, not before', () => {
  const first = ask(letIn())
  player.answer([1])
  vi.advanceTimersByTime(3_000)
  first.serverSays({ type: 'leaving', within: 5_000 })
  const second = letIn(playerSnapshot({ state: asked, question: capitals }))
  vi.advanceTimersByTime(4_999)
  expect(answers(second)).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(answers(second)).toHaveLength(2)
})

test('who has left the page is not connected any more, and may come back', () => {
  const socket = letIn()
  const leave = player.subscribe(() => {})
  leave()
  const leaveAgain = player.subscribe(() => {})
  vi.advanceTimersByTime(1)
  expect(socket.readyState).toBe(FakeSocket.OPEN)
  leaveAgain()
  vi.advanceTimersByTime(1)
  expect(socket.readyState).toBe(FakeSocket.CLOSING)
  expect(player.state().status.phase).toBe('ended')
  expect(readTicket('e1')).toEqual(ticket)
})

test('who leaves the page with an answer on its way is connected until it has arrived', () => {
  ask(letIn()).serverCloses(1006)
  const leave = player.subscribe(() => {})
  player.answer([2])
  leave()
  vi.advanceTimersByTime(15_000)
  const socket = letIn(playerSnapshot({ state: asked, question: capitals }))
  expect(answers(socket)).toMatchObject([{ choices: [2], at: start }])
  acknowledge(socket, 'saved', [2])
  expect(socket.readyState).toBe(FakeSocket.CLOSING)
  expect(player.state().status.phase).toBe('ended')
})

test('who could not come back stays connected: the browser keeps nothing', () => {
  const socket = letIn()
  localStorage.clear()
  player.subscribe(() => {})()
  vi.advanceTimersByTime(1)
  expect(socket.readyState).toBe(FakeSocket.OPEN)
})

test('who leaves the page stays this player when someone else has joined in another tab since', () => {
  const socket = letIn()
  keepTicket({ event: 'e1', token: 'y'.repeat(22), name: 'Bob' })
  player.subscribe(() => {})()
  vi.advanceTimersByTime(1)
  expect(socket.readyState).toBe(FakeSocket.OPEN)
})

test('at the end its own answers are asked for', () => {
  const socket = letIn()
  socket.serverSays({ ...asked, phase: 'ended' })
  vi.advanceTimersByTime(6_000)
  expect(FakeSocket.all).toHaveLength(2)
  // over one connection: another one beside it may end that of another tab
  expect(socket.readyState).toBe(FakeSocket.CLOSING)
  expect(player.state().status.phase).toBe('connected')
  letIn(playerSnapshot({ review: [] }))
  expect(player.state().view?.review).toEqual([])
})

test('a removed player is none any more, also after a reload', () => {
  letIn().serverCloses(4403, 'removed')
  expect(player.state().status).toEqual({ phase: 'ended', code: 4403, reason: 'removed' })
  expect(readTicket('e1')).toBeUndefined()
})

test('a banned player is remembered as one', () => {
  letIn().serverCloses(4403, 'banned')
  expect(readTicket('e1')).toEqual({ ...ticket, banned: true })
})

test('a removed player’s tab leaves the place to who has joined in another tab since', () => {
  const socket = letIn()
  const other = { event: 'e1', token: 'y'.repeat(22), name: 'Bob' }
  keepTicket(other)
  socket.serverCloses(4403)
  expect(readTicket('e1')).toEqual(other)
})

test('a player with too many tabs is still one', () => {
  letIn().serverCloses(4409)
  expect(readTicket('e1')).toEqual(ticket)
})

test('who joins is kept as a player, and enters as one after a reconnect', () => {
  player.close()
  localStorage.clear()
  const joined = vi.fn<() => void>()
  player = play({ url: 'ws://site.test/ws', as: join, report, joined })
  const socket = FakeSocket.latest()
  socket.serverOpens()
  socket.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: start })
  expect(socket.sent[0]).toEqual(join)
  const token = 'y'.repeat(22)
  socket.serverSays({ type: 'joined', id: join.id, token, event: 'e1', player: { player: 1, name: 'Ada' } })
  socket.serverSays(playerSnapshot())
  expect(joined).toHaveBeenCalledOnce()
  expect(readTicket('e1')).toEqual({ event: 'e1', token, name: 'Ada' })

  socket.serverCloses(1012)
  vi.advanceTimersByTime(1_000)
  letIn()
  expect(FakeSocket.latest().sent[0]).toMatchObject({ type: 'enter', role: 'player', event: 'e1', token })
})

test('a join without an answer is sent again as the same one', () => {
  player.close()
  player = play({ url: 'ws://site.test/ws', as: join, report })
  const socket = FakeSocket.latest()
  socket.serverOpens()
  socket.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: start })
  vi.advanceTimersByTime(12_000)
  const again = FakeSocket.latest()
  expect(again).not.toBe(socket)
  again.serverOpens()
  again.serverSays({ type: 'welcome', release: 'r1', protocol: 1, now: start })
  expect(again.sent[0]).toEqual(join)
})
