import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import type { LogItem } from '../src/db/repositories/log.ts'
import type { QuizEvent } from '../src/db/repositories/events.ts'
import { createAllowance } from '../src/services/hub/allowance.ts'
import { announcements } from '../src/services/hub/announcements.ts'
import { createFanOut } from '../src/services/hub/fan-out.ts'
import { createLease } from '../src/services/hub/lease.ts'
import { createMembers, type Member } from '../src/services/hub/members.ts'
import type { Peer } from '../src/services/hub/peer.ts'
import { createRoom } from '../src/services/hub/room.ts'
import { createSession, type SessionOptions } from '../src/services/hub/session.ts'
import { createLimits } from '../src/services/limits.ts'
import type { EventLog } from '../src/services/log/event-log.ts'
import type { Writer } from '../src/services/log/writer.ts'
import { createLog } from '../src/services/log.ts'
import { hashOf } from '../src/services/tokens.ts'
import { readServerMessage, type ServerMessage } from '../src/types/protocol.ts'
import type { RecordKind } from '../src/types/records.ts'
import { created, game } from './game.ts'

/** A page that remembers what it was sent and how it was closed. */
function peer() {
  const sent: string[] = []
  const closed: number[] = []
  const made: Peer = {
    caller: 'v',
    get isOpen() {
      return closed.length === 0
    },
    send: (message) => void sent.push(JSON.stringify(message)),
    sendTexts: (texts) => void sent.push(...texts.map(String)),
    close: (code) => void closed.push(code),
  }
  return { ...made, peer: made, sent, closed }
}

/** What was begun has come as far as it can. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

function member(event: ReturnType<typeof game>, no: number): Member {
  const player = event.state().players[no - 1]
  return { peer: peer().peer, role: 'player', tokenHash: `token ${no}`, player }
}

/** The event's room on a task that reads its log now, and never again. */
function room(t: TestContext, event: ReturnType<typeof game>, put = () => Promise.resolve()) {
  const lastReadAt = event.now()
  const eventLog = { id: 'e1', expiresAt: 0, lastReadAt } as unknown as EventLog
  Object.defineProperty(eventLog, 'state', { get: event.state })
  const made = createRoom({
    eventLog,
    writer: {} as Writer,
    task: 'one',
    release: 'r',
    events: {
      get: () => new Promise(() => {}),
      renewLease: () => new Promise(() => {}),
      end: () => new Promise(() => {}),
      keepUntil: () => new Promise(() => {}),
    },
    codes: { keepUntil: () => Promise.resolve() },
    logs: { keepUntil: () => Promise.resolve() },
    repository: { put, list: () => Promise.resolve([]), remove: () => Promise.resolve() },
    log: createLog('error'),
    now: event.now,
    isDraining: () => false,
    gone() {},
  })
  t.after(() => made.close())
  return {
    ...made,
    letIn: made.enter,
    /** What a page is sent from the moment that it enters. */
    enter(role: Member['role'], no?: number): ServerMessage[] {
      const page = peer()
      const sent: ServerMessage[] = []
      page.peer.send = (message) => void sent.push(message)
      page.peer.sendTexts = (texts) => void sent.push(...texts.map((text) => JSON.parse(String(text)) as ServerMessage))
      const player = no === undefined ? undefined : event.state().players[no - 1]
      made.enter({ peer: page.peer, role, tokenHash: `${role} ${no}`, player })
      return sent
    },
  }
}

test('a host sees that the own task has not read the log for longer than it ever waits', (t) => {
  const event = game()
  const { enter } = room(t, event)
  const silent = () => {
    const [snapshot] = enter('host')
    return snapshot?.type === 'snapshot' && snapshot.counts?.silent
  }
  event.wait(7_999)
  assert.equal(silent(), 0)
  event.wait(1)
  assert.equal(silent(), 1)
})

for (const [what, start, seconds] of [
  ['every 5 seconds', () => {}, 5],
  ['every second while a question is open', (event: ReturnType<typeof game>) => event.open(0), 1],
] as const) {
  test(`a task says that it is there ${what}`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const event = game()
    event.join('Ada')
    start(event)
    const said: number[] = []
    const { enter } = room(t, event, async () => void said.push(event.now()))
    enter('player', 1)
    for (let passed = 0; passed < 10_000; passed += 250) {
      await new Promise((resolve) => setImmediate(resolve))
      event.wait(250)
      t.mock.timers.tick(250)
    }
    assert.deepEqual(
      said.slice(1).map((at, index) => at - (said[index] ?? 0)),
      Array.from({ length: 10 / seconds }, () => seconds * 1_000),
    )
  })
}

test('who joins between closing and revealing learns the own place', async (t) => {
  const event = game(created({ reveal: 'host' }))
  event.join('Ada')
  event.open(0)
  event.answer(1, 0, [1])
  event.close()
  event.join('Bob')
  const { enter, hear } = room(t, event)
  const [ada, bob] = [enter('player', 1), enter('player', 2)]
  event.command('reveal')
  hear({ records: event.items.at(-1)!.records } as LogItem)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    ada.map(({ type }) => type),
    ['snapshot', 'state', 'result'],
  )
  const view = bob.filter((each) => each.type === 'snapshot').at(-1)
  assert.deepEqual([view?.player?.rank, view?.state.phase], [2, 'revealed'])
})

for (const ban of [false, true]) {
  test(`who is ${ban ? 'banned' : 'removed'} in the moment of joining is not let in`, (t) => {
    const event = game()
    event.join('Ada')
    const { letIn } = room(t, event)
    event.command('remove', { player: 1, ban })
    const page = peer()
    letIn({ peer: page.peer, role: 'player', tokenHash: 'a', player: event.state().players[0] })
    assert.deepEqual([page.closed, page.sent], [[4403], []])
  })
}

test('an allowance gives what it has at once, then so many a second', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 500 })), (waits) => {
      const mayTalk = createAllowance({ atOnce: 5, perSecond: 10 })
      let now = 0
      let taken = 0
      for (const wait of waits) {
        now += wait
        if (mayTalk(now)) taken += 1
        assert.ok(taken <= 5 + (now / 1_000) * 10 + 1e-6)
      }
    }),
  )
  const mayTalk = createAllowance({ atOnce: 2, perSecond: 1 })
  assert.deepEqual([mayTalk(0), mayTalk(0), mayTalk(0), mayTalk(999), mayTalk(1_000)], [true, true, false, false, true])
})

test('who has not entered and says nothing for 30 seconds is closed with 4408', () => {
  let now = 0
  const hub = { now: () => now } as SessionOptions['hub']
  const page = peer()
  const session = createSession(page.peer, { hub, limits: createLimits(), log: createLog('error') })
  now = 29_999
  session.checkSilence()
  assert.deepEqual(page.closed, [])
  session.receive('{"type":"clock","sent":1}')
  now = 30_000
  session.checkSilence()
  assert.deepEqual(page.closed, [4408])
})

test('a page that pings and enters no event stays until it is silent for 30 seconds', () => {
  let now = 0
  const hub = { now: () => now, live: async () => ({ quizzes: 0, players: 0 }) } as SessionOptions['hub']
  const page = peer()
  const session = createSession(page.peer, { hub, limits: createLimits(), log: createLog('error') })
  now = 29_999
  session.receive('{"type":"ping","id":"1"}')
  now = 59_998
  session.checkSilence()
  assert.deepEqual(page.closed, [])
  now = 59_999
  session.checkSilence()
  assert.deepEqual(page.closed, [4408])
})

/** Ada's socket, and what waits for the table, which answers when the test says so. */
async function answering() {
  const event = game()
  event.join('Ada', hashOf('token'))
  event.open(0)
  const submitted: (() => void)[] = []
  const entered = {
    state: event.state,
    enter() {},
    leave() {},
    expectNoMore() {},
    writer: {
      submit: () => new Promise((resolve) => submitted.push(() => resolve({ status: 'saved', choices: [1] }))),
    },
  }
  const hub = { now: event.now, hasRoom: () => true, openRoom: async () => entered } as unknown as SessionOptions['hub']
  const page = peer()
  const session = createSession(page.peer, { hub, limits: createLimits(), log: createLog('error') })
  const say = (message: object) => session.receive(JSON.stringify(message))
  say({ type: 'enter', role: 'player', event: 'e1', token: 'token', protocol: 1 })
  await turn()
  return {
    submitted,
    closed: page.closed,
    pass: event.wait,
    said: () => page.sent.map((text) => JSON.parse(text) as ServerMessage),
    answer: (id: string) => say({ type: 'answer', id, question: 0, choices: [1], at: event.now() }),
  }
}

test('an answer that is sent again while it waits for the table waits once', async () => {
  const { submitted, said, answer } = await answering()
  for (let sent = 0; sent < 3; sent += 1) answer('a')
  await turn()
  assert.equal(submitted.length, 1)
  submitted[0]!()
  await turn()
  assert.deepEqual(said(), [{ type: 'ack', id: 'a', status: 'saved', choices: [1] }])
  answer('a')
  await turn()
  assert.equal(submitted.length, 2)
})

test('each answer beside ten that wait for the table is told to slow down, and is no flood', async () => {
  const { submitted, said, answer, closed, pass } = await answering()
  for (let sent = 0; sent < 40; sent += 1) {
    answer(`a${sent}`)
    pass(100)
  }
  await turn()
  assert.equal(submitted.length, 10)
  const slowDown = { type: 'error', code: 'slow_down', message: 'too many messages' }
  assert.deepEqual(
    said(),
    Array.from({ length: 30 }, () => slowDown),
  )
  assert.deepEqual(closed, [])
})

test('who asks for 600 events that are not there waits, but not for one that is played here', async () => {
  let reads = 0
  const openRoom = async () => ((reads += 1), 'no such event')
  const hub = { now: () => 0, hasRoom: (id: string) => id === 'here', openRoom } as unknown as SessionOptions['hub']
  const limits = createLimits(() => 0)
  async function enter(event: string): Promise<number | undefined> {
    const page = peer()
    const session = createSession(page.peer, { hub, limits, log: createLog('error') })
    session.receive(JSON.stringify({ type: 'enter', role: 'player', event, token: 't', protocol: 1 }))
    await turn()
    return page.closed[0]
  }
  for (let tried = 0; tried < 600; tried += 1) assert.equal(await enter(`e${tried}`), 4404)
  assert.deepEqual([await enter('another'), reads], [1013, 600])
  await enter('here')
  assert.equal(reads, 601)
})

test('a player with two sockets is one player, and is waited for 15 seconds when both are gone', () => {
  const event = game()
  for (const name of ['Ada', 'Bob']) event.join(name)
  event.open(0)
  const members = createMembers()
  const [one, two, bob] = [member(event, 1), member(event, 1), member(event, 2)]
  for (const each of [one, two, bob]) members.add(each, 0)
  assert.deepEqual([members.connected.size, members.unanswered(event.state(), 0)], [2, 2])
  event.answer(2, 0, [1])
  assert.equal(members.unanswered(event.state(), 0), 1)
  members.remove(one, 0)
  members.remove(two, 1_000)
  assert.deepEqual([members.connected.size, members.unanswered(event.state(), 15_999)], [1, 1])
  assert.equal(members.unanswered(event.state(), 16_000), 0)
})

test('who comes back is not waited for twice, and a room is left when nobody is waited for', () => {
  const event = game()
  event.join('Ada')
  event.open(0)
  const members = createMembers()
  members.add(member(event, 1), 0)
  members.remove([...members.all][0]!, 0)
  assert.equal(members.areGone(14_999), false)
  members.add(member(event, 1), 10_000)
  assert.equal(members.unanswered(event.state(), 10_000), 1)
  assert.equal(members.areGone(99_000), false)
})

test('an end that comes while a lease is being renewed is written right behind it', async () => {
  const event = game()
  const ends: number[] = []
  let answerGet = () => {}
  const waits = new Promise<void>((resolve) => (answerGet = resolve))
  const lease = createLease({
    event: 'e1',
    events: {
      get: () => waits.then(() => ({ id: 'e1' }) as QuizEvent),
      renewLease: () => Promise.resolve(true),
      end: (_id, { endedAt }) => Promise.resolve(ends.push(endedAt) > 0),
      keepUntil: () => Promise.resolve(),
    },
    codes: { keepUntil: () => Promise.resolve() },
    logs: { keepUntil: () => Promise.resolve() },
    expiresAt: () => 0,
    log: createLog('error'),
    now: event.now,
    found() {},
  })
  lease.renew(event.state(), true)
  event.command('end')
  lease.renew(event.state(), false, true)
  answerGet()
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual(ends, [event.state().endedAt])
})

for (const [known, moved] of [
  [5, ['log until 6', 'code 123456 until 6', 'event until 6']],
  [6, []],
] as const) {
  test(`an event that expires at ${known} when its log does at 6 has ${moved.length} things moved`, async () => {
    const event = game()
    const done: string[] = []
    const lease = createLease({
      event: 'e1',
      events: {
        get: () => Promise.resolve({ id: 'e1', expiresAt: known } as QuizEvent),
        renewLease: () => Promise.resolve(true),
        end: () => Promise.resolve(true),
        keepUntil: (_id, until) => Promise.resolve(void done.push(`event until ${until}`)),
      },
      codes: { keepUntil: (code, _id, until) => Promise.resolve(void done.push(`code ${code} until ${until}`)) },
      logs: { keepUntil: (_id, until) => Promise.resolve(void done.push(`log until ${until}`)) },
      expiresAt: () => 6,
      log: createLog('error'),
      now: event.now,
      found() {},
    })
    lease.renew(event.state(), true)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(done, moved)
  })
}

test('a lease that cannot lengthen the log of an event that ended still says what it found', async () => {
  const event = game()
  event.command('end')
  const found: unknown[] = []
  const lease = createLease({
    event: 'e1',
    events: {
      get: () => Promise.resolve({ id: 'e1' } as QuizEvent),
      renewLease: () => Promise.resolve(true),
      end: () => Promise.resolve(true),
      keepUntil: () => Promise.resolve(),
    },
    codes: { keepUntil: () => Promise.resolve() },
    logs: { keepUntil: () => Promise.reject(new Error('throttled')) },
    expiresAt: () => 0,
    log: createLog('error'),
    now: event.now,
    found: (item) => found.push(item?.id),
  })
  lease.renew(event.state(), false, true)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(found, ['e1'])
})

test('what is sent to all after an item is valid, in order, and each player gets the own result', () => {
  const event = game()
  for (const name of ['Ada', 'Bob']) event.join(name)
  const heard = (to: Member, ...kinds: RecordKind[]) =>
    announcements(event.state(), new Set(kinds), { now: 5, here: new Set(event.state().players) }).map((textFor) => {
      const read = readServerMessage(String(textFor(to)))
      if ('problem' in read) throw new Error(read.problem)
      return read.message
    })
  event.open(0)
  const [ada, bob] = [member(event, 1), member(event, 2)]
  const screen: Member = { peer: peer().peer, role: 'screen', tokenHash: 's' }
  assert.deepEqual(
    heard(ada, 'asked').map(({ type }) => type),
    ['question', 'state'],
  )
  event.answer(1, 0, [1])
  assert.deepEqual(heard(ada, 'answered'), [])
  event.close()
  for (const [to, own] of [
    [ada, [1]],
    [bob, null],
    [screen, undefined],
  ] as const) {
    const [state, result] = [...heard(to, 'revealed')]
    assert.equal(state?.type, 'state')
    assert.ok(result?.type === 'result')
    assert.deepEqual(result.own?.choices, own)
  }
  event.command('board')
  assert.deepEqual(
    heard(screen, 'board').map(({ type }) => type),
    ['state', 'board'],
  )
})

for (const kind of ['removed', 'banned', 'renamed'] as const) {
  test(`a ranking that is shown is sent again when a player is ${kind}`, () => {
    const event = game()
    const types = () =>
      announcements(event.state(), new Set([kind]), { now: 5, here: new Set() }).map((textFor) =>
        typeOf(textFor(screen)),
      )
    const typeOf = (text: unknown) => (JSON.parse(String(text)) as ServerMessage).type
    const screen: Member = { peer: peer().peer, role: 'screen', tokenHash: 's' }
    event.open(0)
    assert.deepEqual(types(), [])
    event.command('skip')
    assert.deepEqual(types(), ['board'])
    event.command('end')
    assert.deepEqual(types(), ['board'])
  })
}

test('what an item of the log has to say goes out in one write a page', async () => {
  const page = peer()
  const writes: number[] = []
  page.peer.sendTexts = (texts) => void writes.push(texts.length)
  const members: Member[] = [{ peer: page.peer, role: 'screen', tokenHash: 's' }]
  createFanOut((error) => assert.fail(String(error))).send(
    members,
    () => 'one',
    () => undefined,
    () => 'two',
  )
  while (writes.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(writes, [2])
})

test('of two messages to all, nobody gets the second before the first', async () => {
  const pages = Array.from({ length: 1_000 }, () => peer())
  const members = pages.map((each): Member => ({ peer: each.peer, role: 'screen', tokenHash: 's' }))
  const failures: unknown[] = []
  const fanOut = createFanOut((error) => failures.push(error))
  fanOut.send(members, () => 'first')
  fanOut.send(members, () => 'second')
  while ((pages.at(-1)?.sent.length ?? 0) < 2) await new Promise((resolve) => setImmediate(resolve))
  for (const { sent } of pages) assert.deepEqual(sent, ['first', 'second'])
  assert.deepEqual(failures, [])
})
