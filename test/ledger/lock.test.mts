import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { probe } from '../../lib/shell.mts'
import { createTable, dropTable, write } from './table.mts'
import { deployer, startWorld } from './world.mts'

describe('the deploy lock', () => {
  let world: Awaited<ReturnType<typeof startWorld>>
  before(async () => {
    world = await startWorld()
  })
  after(() => world.close())
  beforeEach(async () => {
    await dropTable()
    await createTable()
  })

  it('is held while a deployment runs, renewed before it expires, and gone afterwards', async () => {
    const ana = deployer([9_000])
    await ana.saying(/working/)
    const first = await world.lock()
    assert.equal(first?.by, 'ana')
    assert.equal(first.pid, ana.child.pid)
    await sleep(5_000)
    const later = await world.lock()
    assert.equal(later?.holder, first.holder)
    assert.ok(later.expiry > first.expiry)
    const { exitCode, said } = await ana.ended
    assert.equal(exitCode, 0, said)
    assert.equal(await world.lock(), undefined)
  })

  it('is one deployment’s when two start at once, and the other says whose, since when and how to go on', async () => {
    const ran = await Promise.all(
      ['ana', 'bob'].map(async (DEPLOYER) => deployer([6_000], { DEPLOYER, RELEASE: `r-${DEPLOYER}` }).ended),
    )
    const [winner, loser] = ran.toSorted((one, other) => one.exitCode! - other.exitCode!)
    assert.equal(winner!.exitCode, 0, winner!.said)
    assert.equal(loser!.exitCode, 1)
    assert.match(
      loser!.said,
      /error: staging is being deployed already, by (ana|bob) on \S+ \(process \d+\), \.\/deploy\/backend\.mts staging since \d\d:\d\d:\d\d UTC/,
    )
    assert.match(loser!.said, /remedy: wait until that ends; .* \.\/deploy\/unlock\.mts staging/)
    assert.doesNotMatch(loser!.said, /working/)
    assert.equal((await world.records()).length, 1)
  })

  it('that a killed deployment leaves behind expires, and the one that takes it over says whose it was', async () => {
    const ana = deployer([60_000])
    await ana.saying(/working/)
    ana.child.kill('SIGKILL')
    await ana.ended
    const early = await deployer([0], { DEPLOYER: 'bob', RELEASE: 'r-bob' }).ended
    assert.equal(early.exitCode, 1)
    assert.match(early.said, /being deployed already, by ana/)
    const { expiry } = (await world.lock())!
    await sleep(Date.parse(expiry) + 1_500 - Date.now())
    const late = await deployer([0], { DEPLOYER: 'bob', RELEASE: 'r-bob' }).ended
    assert.equal(late.exitCode, 0, late.said)
    assert.match(
      late.said,
      /taking over a deploy lock that expired at .*: ana on \S+ \(process \d+\), \.\/deploy\/backend\.mts staging/,
    )
    assert.equal(await world.lock(), undefined)
    const verdicts = (await world.records()).map(({ id, verdict }) => [id, verdict])
    assert.deepEqual(Object.fromEntries(verdicts)['r-bob'], 'deployed')
  })

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`is released on ${signal}, and the release recorded as stopped`, async () => {
      const ana = deployer([60_000])
      await ana.saying(/working/)
      ana.child.kill(signal)
      const { exitCode, said } = await ana.ended
      assert.equal(exitCode, expected, said)
      assert.equal(await world.lock(), undefined)
      const [record] = await world.records()
      assert.equal(record?.verdict, 'stopped')
      assert.equal(record.components.backend?.status, 'stopped')
    })
  }

  it('that make unlock breaks stops the deployment that held it', async () => {
    const ana = deployer([60_000])
    await ana.saying(/working/)
    const { exitCode, stderr } = await probe`deploy/unlock.mts staging`
    assert.equal(exitCode, 0, stderr)
    assert.match(stderr, /the lock is held by ana on .*staging is unlocked/s)
    const ended = await ana.ended
    assert.equal(ended.exitCode, 1)
    assert.match(ended.said, /error: the deploy lock of staging was broken or taken over/)
    assert.equal((await world.records())[0]?.verdict, 'failed')
  })

  it('that somebody else has by now is left alone by the deployment that lost it', async () => {
    const ana = deployer([60_000])
    await ana.saying(/working/)
    await write({ ...(await world.lock()), holder: 'another', by: 'bob' })
    assert.equal((await ana.ended).exitCode, 1)
    assert.equal((await world.lock())?.by, 'bob')
  })

  it('is taken right after the stage that makes its table, on the first deployment', async () => {
    await dropTable()
    const ana = deployer([4_000], { FIRST: '1' })
    await ana.saying(/working/)
    assert.equal((await world.lock())?.by, 'ana')
    const { exitCode, said } = await ana.ended
    assert.equal(exitCode, 0, said)
    assert.equal(await world.lock(), undefined)
    assert.equal((await world.records())[0]?.verdict, 'deployed')
  })

  it('is nobody’s while there is no table at all, and nothing fails for that', async () => {
    await dropTable()
    const { exitCode, said } = await deployer([0]).ended
    assert.equal(exitCode, 0, said)
  })
})
