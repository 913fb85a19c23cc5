import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogNotUnderstood } from '../src/services/game/fold.ts'
import { createLog } from '../src/services/log.ts'
import { createEventLog } from '../src/services/log/event-log.ts'
import { createOpenLogs, type HeldLog } from '../src/services/log/open-logs.ts'
import { tailPeriod } from '../src/services/log/tail.ts'
import type { Command } from '../src/types/protocol.ts'
import type { LogRecord } from '../src/types/records.ts'
import { created } from './game.ts'
import { type Fate, simulatedStore } from './simulated-store.ts'
import { virtualClock } from './virtual-clock.ts'

const start = 1_764_000_000_000
const minute = 60_000

/** Two tasks over one store of which each call takes 4 ms, and counters of what the first asks for. */
function world(format = 1) {
  const clock = virtualClock(start)
  let fate: Fate = { kind: 'fine', there: 2, back: 2 }
  const store = simulatedStore(clock, () => fate)
  store.items.push({ number: 1, format, by: 'http', nonce: 'n', at: start, records: [created()] })
  const asked = { reads: 0, appends: 0 }
  const lines: string[] = []
  let isBroken = false
  const task = (name: string, counts = { reads: 0, appends: 0 }) =>
    createOpenLogs({
      task: name,
      clock,
      log: createLog('debug', (line) => lines.push(line)),
      repository: {
        ...store.repository,
        read: (...given) => (counts.reads++, store.repository.read(...given)),
        async append(id, item, expiresAt) {
          counts.appends++
          if (isBroken) item.format = 2
          return await store.repository.append(id, item, expiresAt)
        },
      },
    })
  return {
    clock,
    items: store.items,
    lines,
    asked,
    one: task('one', asked),
    other: task('other'),
    task,
    setFate: (next: Fate) => (fate = next),
    breakItems: () => void (isBroken = true),
    /** Lets so many milliseconds pass. */
    pass: (milliseconds: number) => clock.run(clock.now() + milliseconds),
  }
}

/** The result of a promise while time passes. */
async function during<T>(clock: ReturnType<typeof world>['clock'], promise: Promise<T>): Promise<T> {
  let isDone = false
  const settled = promise.finally(() => (isDone = true))
  settled.catch(() => {})
  while (!isDone) await clock.run(clock.now() + 1)
  return await settled
}

const command = (name: Command['name'], version: number, more = {}) =>
  ({ kind: 'command', command: { type: 'command', id: 'c', name, version, ...more } as Command }) as const
const join = (name: string) => ({ kind: 'join', name, tokenHash: `hash of ${name}` }) as const

test('what is appended after the end expires with what was there before', async () => {
  const { clock, one, pass } = world()
  const { eventLog, writer } = (await during(clock, one.hold('e1')))!
  await during(clock, writer.submit(join('Ada')))
  const days = eventLog.state!.created.retentionDays * 86_400
  assert.equal(eventLog.expiresAt, start / 1_000 + days)
  await pass(minute)
  await during(clock, writer.submit(command('end', eventLog.state!.version)))
  const kept = Math.ceil(eventLog.state!.endedAt! / 1_000) + days
  assert.equal(eventLog.expiresAt, kept)
  await during(clock, writer.submit(command('remove', 0, { player: 1, ban: true })))
  assert.equal(eventLog.state?.players[0]?.standing, 'banned')
  assert.equal(eventLog.expiresAt, kept)
  one.stop()
})

test('what is written in the last twelve hours of a log keeps it for all its days again', () => {
  const eventLog = createEventLog('e1', { read: () => Promise.resolve([]) }, virtualClock(start), createLog('error'))
  const [halfDay, day] = [12 * 60 * minute, 86_400]
  const write = (number: number, at: number, record: LogRecord) =>
    eventLog.absorb([{ number, format: 1, by: 'any', nonce: 'n', at, records: [record] }])
  write(1, start, created({}, { retentionDays: 1 }))
  write(2, start + halfDay, { kind: 'locked' })
  assert.equal(eventLog.expiresAt, start / 1_000 + day)
  write(3, start + halfDay + 1_000, { kind: 'unlocked' })
  assert.equal(eventLog.expiresAt, (start + halfDay) / 1_000 + 1 + day)
})

test('an event is loaded once, however many ask', async () => {
  const { clock, one, asked } = world()
  const held = await during(clock, Promise.all(Array.from({ length: 100 }, () => one.hold('e1'))))
  assert.equal(asked.reads, 1)
  assert.equal(new Set(held.map((each) => each?.eventLog)).size, 1)
  await during(clock, one.hold('e1'))
  assert.equal(asked.reads, 1, 'one that is followed is up to date')
  one.stop()
})

test('what one task writes is heard by the other within 110 ms', async () => {
  const { clock, one, other, pass } = world()
  const [writing, reading] = await during(clock, Promise.all([one.hold('e1'), other.hold('e1')]))
  let heardAt = 0
  reading?.eventLog.hear(() => (heardAt = clock.now()))
  await pass(1_037)
  const submittedAt = clock.now()
  assert.deepEqual(await during(clock, writing!.writer.submit(join('Ada'))), {
    status: 'joined',
    player: 1,
    name: 'Ada',
  })
  await pass(150)
  assert.ok(heardAt - submittedAt <= 110, `${heardAt - submittedAt} ms`)
  assert.equal(reading?.eventLog.state?.players[0]?.name, 'Ada')
  one.stop()
  other.stop()
})

test('what arrives while an item is on its way goes into the next one, 40 ms later', async () => {
  const { clock, one, items, asked } = world()
  const { writer } = (await during(clock, one.hold('e1')))!
  const first = writer.submit(join('First'))
  await clock.run(clock.now() + 1)
  const rest = Array.from({ length: 500 }, (_, index) => writer.submit(join(`Player ${index}`)))
  assert.equal(writer.unwritten, 501)
  await during(clock, Promise.all([first, ...rest]))
  assert.equal(asked.appends, 2)
  assert.equal(items[2]!.at - items[1]!.at, 40)
  one.stop()
})

test('the more tasks write, the longer each waits before its next item', async () => {
  const { clock, task, items } = world()
  const tasks = ['a', 'b', 'c', 'd'].map((name) => task(name))
  const held = await during(clock, Promise.all(tasks.map((each) => each.hold('e1'))))
  for (const [index, each] of held.entries()) await during(clock, each!.writer.submit(join(`Early ${index}`)))
  await clock.run(clock.now() + 500)
  const { writer } = held[0]!
  await during(clock, Promise.all([writer.submit(join('Now')), writer.submit(join('Then'))]))
  await during(clock, writer.submit(join('Later')))
  const [now, later] = items.slice(-2)
  // http wrote within the last ten seconds, too
  assert.equal(later!.at - now!.at, 100)
  for (const each of tasks) each.stop()
})

test('what the task holds is written before the question is closed, whatever arrived first', async () => {
  const { clock, one, items, pass } = world()
  const { eventLog, writer } = (await during(clock, one.hold('e1')))!
  for (const name of ['Ada', 'Bob']) await during(clock, writer.submit(join(name)))
  await during(clock, writer.submit(command('ask', 0, { question: 0 })))
  await pass(23_000)
  const { version, current } = eventLog.state!
  const tap = (player: number) =>
    ({ kind: 'answer', player, question: 0, choices: [1], at: current!.closesAt!, arrived: clock.now() }) as const
  const close = { kind: 'close', version } as const
  // the next item is not made before 40 ms have passed
  const first = writer.submit(join('Cyd'))
  await clock.run(clock.now() + 1)
  const [, closed, saved] = await during(
    clock,
    Promise.all([first, writer.submit(close), writer.submit(tap(1)), writer.submit(join('Dan'))]),
  )
  assert.deepEqual([closed.status, saved.status], ['ok', 'saved'])
  assert.deepEqual(
    items.at(-1)!.records.map(({ kind }) => kind),
    ['joined', 'answered', 'closed', 'revealed'],
  )
  one.stop()
})

test('ten seconds more win over a closing that is not written yet', async () => {
  const { clock, one, pass } = world()
  const { eventLog, writer } = (await during(clock, one.hold('e1')))!
  await during(clock, writer.submit(command('ask', 0, { question: 0 })))
  await pass(23_000)
  const { version } = eventLog.state!
  const outcomes = [
    writer.submit({ kind: 'close', version }),
    writer.submit(command('extend', version, { seconds: 10 })),
  ]
  const [closed, extended] = await during(clock, Promise.all(outcomes))
  assert.deepEqual([closed?.status, extended?.status], ['stale', 'ok'])
  one.stop()
})

test('no more than 1,500 go into one item', async () => {
  const { clock, one, items } = world()
  const { writer } = (await during(clock, one.hold('e1')))!
  await during(clock, Promise.all(Array.from({ length: 1_600 }, (_, index) => writer.submit(join(`P${index}`)))))
  const sizes = items.slice(1).map(({ records }) => (records[0]?.kind === 'joined' ? records[0].players.length : 0))
  assert.deepEqual(sizes, [1_500, 100])
  one.stop()
})

test('an answer lost on its way is found by the tail before the time-out', async () => {
  const { clock, one, pass, setFate } = world()
  const { writer } = (await during(clock, one.hold('e1')))!
  await pass(1_000)
  setFate({ kind: 'lost', there: 2, back: 2 })
  const submittedAt = clock.now()
  const joined = writer.submit(join('Ada'))
  await clock.run(clock.now() + 1)
  setFate({ kind: 'fine', there: 2, back: 2 })
  await during(clock, joined)
  assert.ok(clock.now() - submittedAt <= 110, `${clock.now() - submittedAt} ms`)
  one.stop()
})

test('a task that stops waits for no table that does not answer', async () => {
  const { clock, one, pass, setFate, lines } = world()
  const { writer } = (await during(clock, one.hold('e1')))!
  setFate({ kind: 'unsent', there: 2, back: 2 })
  const joined = writer.submit(join('Ada'))
  await pass(20_000)
  one.stop()
  await assert.rejects(during(clock, joined), { name: 'LogClosed' })
  await during(clock, one.flush())
  assert.deepEqual(
    lines.filter((line) => line.includes('"error":"LogClosed')),
    [],
  )
})

test('an event stays in memory for five minutes after its last socket', async () => {
  const { clock, one, other, asked, pass } = world()
  const first = (await during(clock, one.hold('e1')))!
  first.release()
  first.release()
  await pass(4 * minute)
  assert.equal(asked.reads, 1, 'it is not read without a socket')
  const elsewhere = (await during(clock, other.hold('e1')))!
  await during(clock, elsewhere.writer.submit(join('Ada')))
  const again = (await during(clock, one.hold('e1')))!
  assert.equal(again.eventLog, first.eventLog)
  assert.equal(again.eventLog.state?.players.length, 1, 'it has caught up')
  assert.ok(clock.now() - again.eventLog.lastReadAt < 100)
  again.release()
  await pass(5 * minute + 10)
  assert.notEqual((await during(clock, one.hold('e1')))!.eventLog, first.eventLog)
  one.stop()
  other.stop()
})

test('an event that is not there is asked for again each time', async () => {
  const { clock, one, items, asked } = world()
  const [first] = items.splice(0)
  assert.equal(await during(clock, one.hold('e1')), undefined)
  items.push(first!)
  assert.ok(await during(clock, one.hold('e1')))
  assert.equal(asked.reads, 2)
  one.stop()
})

test('an event that was erased while nobody was in it is gone', async () => {
  const { clock, one, items } = world()
  const held = (await during(clock, one.hold('e1')))!
  held.release()
  items.splice(0)
  assert.equal(await during(clock, one.hold('e1')), undefined)
  assert.equal(await during(clock, one.hold('e1')), undefined)
  one.stop()
})

test('a load that fails does not fail the next one', async () => {
  const { clock, one, setFate } = world()
  setFate({ kind: 'throttled', there: 2, back: 2 })
  await assert.rejects(during(clock, one.hold('e1')), /throttled/)
  setFate({ kind: 'fine', there: 2, back: 2 })
  assert.ok(await during(clock, one.hold('e1')))
  one.stop()
})

test('an event of an unknown format is refused, and reported once', async () => {
  const { clock, one, lines, asked } = world(2)
  for (let tried = 0; tried < 3; tried += 1) await assert.rejects(during(clock, one.hold('e1')), LogNotUnderstood)
  assert.equal(asked.reads, 1)
  assert.equal(lines.filter((line) => line.includes('cannot be served')).length, 1)
  one.stop()
})

test('an event that a passing defect has ended can be entered again after ten seconds', async () => {
  const { clock, one, items, pass } = world()
  const held = (await during(clock, one.hold('e1')))!
  items.push({ number: 2, format: 1, by: 'other', nonce: 'x', at: clock.now(), records: null as never })
  await pass(200)
  assert.ok(held.eventLog.failed.aborted)
  held.release()
  items.pop()
  await assert.rejects(during(clock, one.hold('e1')), TypeError)
  await pass(10_000)
  assert.ok(await during(clock, one.hold('e1')))
  one.stop()
})

test('an item that is not understood ends the event on this task, and nothing after it is folded', async () => {
  const { clock, one, items, pass, setFate } = world()
  const { eventLog, writer } = (await during(clock, one.hold('e1'))) as HeldLog
  const unknown = { kind: 'fireworks' } as never
  items.push({ number: 2, format: 1, by: 'newer', nonce: 'x', at: clock.now(), records: [unknown] })
  items.push({ number: 3, format: 1, by: 'newer', nonce: 'y', at: clock.now(), records: [{ kind: 'locked' }] })
  setFate({ kind: 'fine', there: 2, back: 2 })
  const submitted = assert.rejects(writer.submit(join('Ada')), LogNotUnderstood)
  await pass(200)
  await submitted
  assert.equal(eventLog.failed.aborted, true)
  assert.equal(eventLog.state?.number, 1)
  assert.equal(eventLog.state?.locked, false)
  await assert.rejects(writer.submit(join('Bob')), LogNotUnderstood)
  one.stop()
})

test('a defect of one that listens to a log is logged, and the event continues', async () => {
  const { clock, one, lines } = world()
  const { eventLog, writer } = (await during(clock, one.hold('e1')))!
  eventLog.hear(() => {
    throw new RangeError('a defect')
  })
  for (const name of ['Ada', 'Bob']) {
    assert.equal((await during(clock, writer.submit(join(name)))).status, 'joined')
  }
  assert.equal(lines.filter((line) => line.includes('RangeError: a defect')).length, 2)
  one.stop()
})

test('an item of its own that a task cannot fold ends the event there, not the task', async () => {
  const { clock, one, breakItems } = world()
  const { writer } = (await during(clock, one.hold('e1')))!
  breakItems()
  await assert.rejects(during(clock, writer.submit(join('Ada'))), LogNotUnderstood)
  await during(clock, one.flush())
  one.stop()
})

test('the log is read every 100 ms, slower with many events, and rarely when nothing happens', () => {
  assert.equal(tailPeriod(1, 0), 100)
  assert.equal(tailPeriod(5, 0), 100)
  assert.equal(tailPeriod(6, 0), 120)
  assert.equal(tailPeriod(40, 0), 800)
  assert.equal(tailPeriod(400, 0), 1_000)
  assert.equal(tailPeriod(1, 10 * minute), 5_000)
})
