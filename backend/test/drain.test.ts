import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { createDrain } from '../src/services/drain/drain.ts'
import { deregistrationBudget, patience, planFor, stopBudget } from '../src/services/drain/plan.ts'
import { createLog } from '../src/services/log.ts'

/** Sockets on a clock that only `pass` moves. A page closes its socket so many milliseconds after it was told, or when it is closed, or (deaf) never. */
function sockets(
  t: TestContext,
  count: number,
  { leavesAfter, isDeaf = false }: { leavesAfter?: number; isDeaf?: boolean } = {},
) {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] })
  const open = new Set<number>(Array.from({ length: count }, (_, index) => index))
  const told: number[] = []
  const closed: number[] = []
  const event = { unwritten: 0, closesAt: undefined as number | undefined, prepared: 0 }
  const lines: string[] = []
  const drainable = {
    connected: () => open.size,
    unwritten: () => event.unwritten,
    closesIn: () => (event.closesAt === undefined ? undefined : event.closesAt - Date.now()),
    prepare: () => void (event.prepared += 1),
    cut: () => open.clear(),
    leavers: () =>
      [...open].map((id) => ({
        get isOpen() {
          return open.has(id)
        },
        leave() {
          told.push(Date.now())
          if (leavesAfter !== undefined) setTimeout(() => open.delete(id), leavesAfter)
        },
        close() {
          closed.push(Date.now())
          if (!isDeaf) open.delete(id)
        },
      })),
  }
  const drain = createDrain(
    drainable,
    createLog('debug', (line) => lines.push(line)),
    () => Date.now(),
  )
  const pass = (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 10) t.mock.timers.tick(10)
  }
  return { drain, event, open, told, closed, lines, pass }
}

test('2,500 sockets are told to leave evenly over 15 seconds', (t) => {
  const { drain, told, pass } = sockets(t, 2_500, { leavesAfter: 300 })
  drain.begin('test', 57_000)
  for (let second = 1; second <= 15; second += 1) {
    const before = told.length
    pass(1_000)
    assert.ok(Math.abs(told.length - before - 2_500 / 15) <= 10, `${told.length - before} in second ${second}`)
  }
  assert.equal(told.length, 2_500)
})

test('few sockets are not kept waiting, and who leaves by itself is not closed', (t) => {
  const { drain, closed, pass } = sockets(t, 20, { leavesAfter: 300 })
  drain.begin('test', 57_000)
  pass(600)
  assert.equal(drain.state(), 'drained')
  assert.deepEqual(closed, [])
})

test('who does not leave is closed after 5 seconds, one after the other', (t) => {
  const { drain, told, closed, pass } = sockets(t, 500)
  drain.begin('test', 57_000)
  pass(9_000)
  assert.equal(closed.length, 500)
  for (const [index, time] of closed.entries()) assert.ok(time - told[index]! >= 5_000 && time - told[index]! <= 5_050)
  assert.ok(new Set(closed).size > 50)
  assert.equal(drain.state(), 'drained')
})

test('a drain begins once', (t) => {
  const { drain, event, told, pass } = sockets(t, 10)
  drain.begin('the load balancer', 57_000)
  pass(100)
  drain.begin('again', 1_000)
  pass(100)
  assert.equal(event.prepared, 1)
  assert.equal(told.length, 10)
})

test('a question that closes soon is waited for', (t) => {
  const { drain, event, told, pass } = sockets(t, 100)
  event.closesAt = Date.now() + 20_000
  drain.begin('test', 57_000)
  pass(19_900)
  assert.equal(told.length, 0)
  pass(1_000)
  assert.equal(told.length, 100)
})

test('a question that closes after the cut is not waited for', (t) => {
  const { drain, event, told, pass } = sockets(t, 100)
  event.closesAt = Date.now() + 55_000
  drain.begin('test', 57_000)
  pass(1_000)
  assert.equal(told.length, 100)
})

test('SIGTERM ends the wait for a question when it closes too late now', (t) => {
  const { drain, event, told, pass } = sockets(t, 100)
  event.closesAt = Date.now() + 30_000
  drain.begin('the load balancer', 57_000)
  pass(1_000)
  assert.equal(told.length, 0)
  void drain.finish('SIGTERM', 25_000)
  pass(1_000)
  assert.equal(told.length, 100)
})

test('everyone is told and closed before a cut that comes early', (t) => {
  const { drain, told, closed, pass } = sockets(t, 2_500)
  drain.begin('test', 4_000)
  pass(3_500)
  assert.equal(told.length, 2_500)
  assert.equal(closed.length, 2_500)
})

test('SIGTERM hurries a drain that is under way', async (t) => {
  const { drain, told, closed, pass } = sockets(t, 2_500)
  drain.begin('the load balancer', 57_000)
  pass(3_000)
  assert.ok(told.length < 600)
  const finished = drain.finish('SIGTERM', 5_000)
  pass(4_600)
  assert.equal(told.length, 2_500)
  assert.equal(closed.length, 2_500)
  await finished
})

test('a stop waits for what is not written yet', async (t) => {
  const { drain, event, pass } = sockets(t, 10, { leavesAfter: 10 })
  event.unwritten = 3
  let isOver = false
  const finished = drain.finish('SIGTERM', 25_000).then(() => (isOver = true))
  pass(10_000)
  await Promise.resolve()
  assert.equal(isOver, false)
  assert.equal(drain.state(), 'draining')
  event.unwritten = 0
  pass(100)
  await finished
  assert.equal(drain.state(), 'drained')
})

test('a stop ends in its time, whatever is left, and says so', async (t) => {
  const { drain, event, lines, pass } = sockets(t, 10)
  event.unwritten = 3
  const finished = drain.finish('SIGTERM', 4_000)
  pass(4_000)
  await finished
  const { message, unwritten } = JSON.parse(lines.at(-1)!)
  assert.deepEqual({ message, unwritten }, { message: 'the time to drain is over', unwritten: 3 })
})

test('a stop cuts who takes part in no closing handshake', async (t) => {
  const { drain, open, pass } = sockets(t, 10, { isDeaf: true })
  const finished = drain.finish('SIGTERM', 4_000)
  pass(3_900)
  assert.equal(open.size, 10)
  pass(100)
  await finished
  assert.equal(open.size, 0)
})

test('a stop without sockets ends at once', async (t) => {
  const { drain } = sockets(t, 0)
  await drain.finish('SIGTERM', 25_000)
  assert.equal(drain.state(), 'drained')
})

test('a plan fits into its time, whatever that is, and brings nobody back faster than a task can take', () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.integer({ min: -10_000, max: 1e7 }),
      fc.option(fc.nat(1e6)),
      (count, within, closes) => {
        const plan = planFor(count, within)
        const waited = patience(closes ?? undefined, plan, within)
        assert.ok(plan.spread >= 0 && plan.spread <= 15_000 && plan.grace >= 0 && plan.grace <= 5_000)
        assert.ok(waited === 0 || waited + plan.spread + plan.grace <= within)
        assert.ok(plan.spread + plan.grace <= Math.max(0, within) * 0.85 + 1e-6)
        if (within > 25_000) assert.ok(plan.spread === 15_000 || plan.spread === count * 6)
      },
    ),
  )
})

test('the process ends 5 seconds before SIGKILL, and leaves before the load balancer cuts', () => {
  assert.equal(stopBudget(30), 25_000)
  assert.equal(stopBudget(2), 1_000)
  assert.equal(deregistrationBudget(60), 57_000)
  assert.equal(deregistrationBudget(1), 0)
})
