/*
 * Breaks what a deployment depends on, one thing at a time, at moments that a seed decides, while visitors use the site.
 *
 *   make chaos MINUTES=60 SEED=17       MINUTES=60 SEED=17 node --import ./lib/script/loader.mjs test/chaos/chaos.slow.test.mts
 *
 * Without SEED it is another one each time, which the first line shows; without MINUTES, as in `make test-all`, it is the
 * first few cases of seed 1, the same on every machine.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { browseInALoop, callInALoop } from '../e2e/support/probe.mts'
import { chance, minutes, numbersOf, pick, seed, shuffled } from './chance.mts'
import { faultCase, type FaultCase } from './faults.mts'
import { interferences } from './interference.mts'
import { deployWorld, verbs, type Verb, type World } from './world.mts'

const resume = /^(error|warning): .+\nremedy: .+/m
const trace = /\n\s+at .+:\d+:\d+/
/** Exit codes that say how a signal ended a run. */
const stopped = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: -1 } as const

/** While the table was broken, for the backend too: it then says so with 503, and that a moment longer. Milliseconds. */
const tableBroken: { from: number; to: number }[] = []

/** With what is deployed first, on a slow machine. */
const most = (minutes ?? 8) + 22

describe(`chaos, SEED=${seed} MINUTES=${minutes ?? ''}`, { timeout: most * 60_000 }, () => {
  let world: World
  let visitors: ReturnType<typeof browseInALoop>
  let callers: ReturnType<typeof callInALoop>

  before(async () => {
    // two seeds may run beside each other
    world = await deployWorld(Number(process.env['LOCAL_AWS_PORT'] ?? 6800))
    visitors = browseInALoop(world.site, [world.site + world.oldScript], most)
    callers = callInALoop(world.site, most)
  })
  after(() => world?.remove())

  it('a call that fails, once or for good', async (t) => {
    for (const number of numbersOf({ cases: 2, share: 0.45 })) {
      const each = await faultCase(world, number)
      const { verb, kind, service, action, lasts } = each
      const title = `${number}. ${verb}: ${kind} of ${service} ${action}, ${lasts ? 'for good' : 'once'}`
      await t.test(title, () => breakCall(world, each))
    }
  })

  it('a run that is killed at any moment', async (t) => {
    for (const number of numbersOf({ cases: 4, share: 0.4 })) {
      const verb = pick(verbs, 'killed verb', number)
      const signal = pick(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const, 'signal', number)
      await t.test(`${number}. ${signal} to ${verb}`, () => killRun(world, verb, signal, chance('moment', number)))
    }
  })

  it('no call of the API and no WebSocket broke', () => requireUnbroken(callers, tableBroken))

  // these may cut the backend off
  it('someone else who interferes', async (t) => {
    const inOrder = shuffled(interferences, (each) => each.title)
    for (const number of numbersOf({ cases: 1, share: 0.15 })) {
      const each = inOrder[number - 1]
      if (each === undefined) break
      const { title, interfere, moment, exitCodes, undo } = each
      await t.test(title, async () => {
        const run = world.start(await world.prepare('backend'))
        await run.saying(moment)
        await interfere(world)
        const ran = await run.ended
        assert.ok(exitCodes.includes(ran.exitCode), ran.output)
        assert.doesNotMatch(ran.output, trace)
        await undo?.(world)
        await converge(world, 'backend')
      })
    }
  })

  it('no page load broke', () => requireUnbroken(visitors))
})

async function requireUnbroken(
  loop: ReturnType<typeof browseInALoop>,
  excused: typeof tableBroken = [],
): Promise<void> {
  const { asked, failures } = await loop.stop()
  console.log(`${asked} requests`)
  assert.ok(asked > 100, `only ${asked}`)
  assert.deepEqual(
    failures.filter((failure) => {
      const at = Date.parse(failure.split(' ')[0]!)
      return !excused.some(({ from, to }) => at >= from && at <= to)
    }),
    [],
  )
}

async function breakCall(world: World, { verb, kind, service, action, lasts }: FaultCase): Promise<void> {
  const line = await world.prepare(verb)
  const from = Date.now()
  await world.addFault([kind, service, action, '--count', lasts ? 'all' : '1', '--ms', '3000'])
  const ran = await world.run(line)
  await world.clearFaults()
  if (service === 'dynamodb') tableBroken.push({ from, to: Date.now() + 5_000 })
  assert.doesNotMatch(ran.output, trace)
  // 0: it recovered, or the call was not vital; 5 and 6: what was not seen is no verdict
  assert.ok([0, 1, 5, 6].includes(ran.exitCode), `exit code ${ran.exitCode}\n${ran.output}`)
  if (ran.exitCode !== 0) assert.match(ran.output, resume)
  if (!lasts && kind !== 'expired-token') assert.equal(ran.exitCode, 0, ran.output)
  await world.requireWhole()
  await converge(world, verb)
}

async function killRun(world: World, verb: Verb, signal: keyof typeof stopped, moment: number): Promise<void> {
  const line = await world.prepare(verb)
  const run = world.start(line)
  const ended = { is: false }
  void run.ended.then(() => (ended.is = true))
  // the beginning is where handlers and files are made: half of the moments are in the first two seconds
  await sleep(moment < 0.5 ? moment * 4000 : (moment - 0.5) * 60_000)
  if (!ended.is) process.kill(run.child.pid!, signal)
  const ran = await run.ended
  if (signal !== 'SIGKILL') {
    // before Node runs our code the signal ends it as the system does: nothing has begun, and nothing is said
    const hasBegun = ran.output !== ''
    assert.ok(
      [0, hasBegun ? stopped[signal] : -1, stopped[signal]].includes(ran.exitCode),
      `exit code ${ran.exitCode}\n${ran.output}`,
    )
    assert.equal(await world.lockedBy(), undefined, 'the lock is still held')
    assert.deepEqual(world.settingsCopies(), [])
    for (const end = Date.now() + 60_000; world.strays().length > 0 && Date.now() < end;) await sleep(200)
    assert.deepEqual(world.strays(), [])
  }
  await world.requireWhole()
  await converge(world, verb)
  assert.deepEqual(world.settingsCopies(), [])
}

/** The same verb again brings everything to its end, whatever happened before; a lock that was left is told, and broken. */
async function converge(world: World, verb: Verb): Promise<void> {
  const holder = await world.lockedBy()
  const line = await world.prepare(verb)
  let ran = await world.run(line)
  if (holder !== undefined) {
    assert.match(ran.output, /is already being deployed, by .+\nremedy: .+ its lock is free at .+unlock/)
    const unlocked = await world.run(['./deploy/unlock.mts', 'local', '--yes'])
    assert.equal(unlocked.exitCode, 0, unlocked.output)
    ran = await world.run(line)
  }
  assert.equal(ran.exitCode, 0, `the next run\n${ran.output}`)
  assert.equal(await world.lockedBy(), undefined)
  await world.requireWhole()
}
