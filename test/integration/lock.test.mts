import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { retryUntil } from '../../lib/script/job.mts'
import { probe } from '../../lib/script/shell.mts'
import { createTable, dropTable, storedLock, storedRecords, write } from './support/table.mts'
import { deployer, freshLedger } from './support/world.mts'

/** Renewed every other second. A slow machine may let it expire: no other run wants it there. */
const quick = { LEASE: '8000' }
/** Not test/integration/deployment.test.mts's, which may run at the same time: a run's record passes through a file of its name. */
const ana = { DEPLOYER: 'ana', RELEASE: 'r-ana' }
const bob = { DEPLOYER: 'bob', RELEASE: 'r-bob' }

async function whenHeldBy(by: string, run: ReturnType<typeof deployer>): Promise<void> {
  await retryUntil(async () => assert.equal((await storedLock())?.by, by, run.output()), { within: 60_000, every: 100 })
}

describe('the deploy lock', () => {
  freshLedger()

  it('is held while a deployment runs, renewed before it expires, and gone afterwards', async () => {
    const run = deployer(undefined, { ...ana, ...quick })
    await run.saying(/working/)
    const first = await storedLock()
    assert.equal(first?.by, 'ana')
    assert.equal(first.pid, run.child.pid)
    await retryUntil(async () => assert.ok((await storedLock())!.expiry > first.expiry, run.output()), {
      within: 60_000,
      every: 100,
    })
    assert.equal((await storedLock())?.holder, first.holder)
    const { exitCode, output } = await run.done()
    assert.equal(exitCode, 0, output)
    assert.equal(await storedLock(), undefined)
  })

  it('is one deployment’s when two start at once, and the other says whose', async () => {
    const runs = [ana, bob].map((who) => deployer(undefined, who))
    const loser = await Promise.race(runs.map(({ ended }) => ended))
    assert.equal(loser.exitCode, 1)
    assert.match(
      loser.output,
      /error: staging is already being deployed, by (ana|bob) on \S+ \(process \d+\), \.\/deploy\/backend\.mts staging since (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC/,
    )
    assert.match(loser.output, /remedy: wait until that ends; .* \.\/deploy\/unlock\.mts staging/)
    assert.doesNotMatch(loser.output, /working/)
    const winner = runs.find(({ child }) => child.exitCode === null)!
    await winner.saying(/working/)
    const { exitCode, output } = await winner.done()
    assert.equal(exitCode, 0, output)
    assert.equal((await storedRecords()).length, 1)
  })

  it('of a killed deployment expires, and the next one says whose it was', async () => {
    const run = deployer(undefined, ana)
    await run.saying(/working/)
    run.child.kill('SIGKILL')
    await run.ended
    const early = await deployer(0, bob).ended
    assert.equal(early.exitCode, 1)
    assert.match(early.output, /already being deployed, by ana/)
    // ten minutes later
    await write({
      ...(await storedLock()),
      pk: 'lock',
      sk: 'deployment',
      expiry: new Date(Date.now() - 2_000).toISOString(),
    })
    const late = await deployer(0, bob).ended
    assert.equal(late.exitCode, 0, late.output)
    assert.match(
      late.output,
      /taking over a deploy lock that expired at .*: ana on \S+ \(process \d+\), \.\/deploy\/backend\.mts staging/,
    )
    assert.equal(await storedLock(), undefined)
    const verdicts = (await storedRecords()).map(({ id, verdict }) => [id, verdict])
    assert.deepEqual(Object.fromEntries(verdicts)['r-bob'], 'deployed')
  })

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`is released on ${signal}, and the release recorded as stopped`, async () => {
      const run = deployer(undefined, ana)
      await run.saying(/working/)
      run.child.kill(signal)
      const { exitCode, output } = await run.ended
      assert.equal(exitCode, expected, output)
      assert.equal(await storedLock(), undefined)
      const [record] = await storedRecords()
      assert.equal(record?.verdict, 'stopped')
      assert.equal(record.components.backend?.status, 'stopped')
    })
  }

  it('that make unlock breaks stops the deployment that held it', async () => {
    const run = deployer(undefined, { ...ana, ...quick })
    await run.saying(/working/)
    const { exitCode, stderr } = await probe`deploy/unlock.mts staging`
    assert.equal(exitCode, 0, stderr)
    assert.match(stderr, /the lock is held by ana on .*staging is unlocked/s)
    const ended = await run.ended
    assert.equal(ended.exitCode, 1)
    assert.match(ended.output, /error: the deploy lock of staging was broken or taken over/)
    assert.equal((await storedRecords())[0]?.verdict, 'failed')
  })

  it('that make unlock broke just before its deployment ended is missed, and said so', async () => {
    const run = deployer(undefined, ana)
    await run.saying(/working/)
    await probe`deploy/unlock.mts staging`
    const { exitCode, output } = await run.done()
    assert.equal(exitCode, 0, output)
    assert.match(output, /the deploy lock of staging was gone already/)
  })

  it('that someone else has by now is left alone by the deployment that lost it', async () => {
    const run = deployer(undefined, { ...ana, ...quick })
    await run.saying(/working/)
    await write({ ...(await storedLock()), holder: 'another', by: 'bob' })
    assert.equal((await run.ended).exitCode, 1)
    assert.equal((await storedLock())?.by, 'bob')
  })

  it('is taken again when its table goes with a creation that is undone, and the next one makes another', async () => {
    const run = deployer(undefined, { ...ana, ...quick })
    await run.saying(/working/)
    await dropTable()
    // longer than it takes until the lock is to be renewed
    await sleep(5_000)
    await createTable()
    await whenHeldBy('ana', run)
    const { exitCode, output } = await run.done()
    assert.equal(exitCode, 0, output)
    assert.doesNotMatch(output, /warning/)
    assert.equal(await storedLock(), undefined)
  })

  it('is taken on the first deployment as soon as its table is there: a second run finds it held', async () => {
    await dropTable()
    const run = deployer(undefined, { ...ana, ...quick })
    await run.saying(/working/)
    await createTable()
    await whenHeldBy('ana', run)
    const second = await deployer(0, bob).ended
    assert.match(second.output, /error: staging is already being deployed, by ana/)
    const { exitCode, output } = await run.done()
    assert.equal(exitCode, 0, output)
    assert.equal(await storedLock(), undefined)
  })

  it('is taken right after the stage that makes its table, on the first deployment', async () => {
    await dropTable()
    const run = deployer(undefined, { ...ana, FIRST: '1' })
    await run.saying(/working/)
    assert.equal((await storedLock())?.by, 'ana')
    const { exitCode, output } = await run.done()
    assert.equal(exitCode, 0, output)
    assert.equal(await storedLock(), undefined)
    assert.equal((await storedRecords())[0]?.verdict, 'deployed')
  })

  it('of another first deployment, which has made the table meanwhile, stops one before its change', async () => {
    await dropTable()
    const run = deployer(undefined, { ...ana, BESIDE: '1' })
    await run.saying(/building/)
    await createTable()
    const expiry = new Date(Date.now() + 600_000).toISOString()
    await write({ pk: 'lock', sk: 'deployment', holder: 'another', by: 'bob', since: expiry, expiry })
    const { exitCode, output } = await run.done()
    assert.equal(exitCode, 1)
    assert.match(output, /error: staging is already being deployed, by bob/)
    assert.doesNotMatch(output, /changing/)
    assert.equal((await storedLock())?.by, 'bob')
  })

  it('needs no table: without one, nothing fails', async () => {
    await dropTable()
    const { exitCode, output } = await deployer(0, ana).ended
    assert.equal(exitCode, 0, output)
  })
})
