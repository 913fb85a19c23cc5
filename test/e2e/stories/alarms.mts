/*
 * A release that answers /health and fails after it: ECS rolls back when an alarm of the stack goes off, and a rollback or
 * a fix is not stopped by the same alarm. Staging is deployed. The tests build on each other, in order.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentNames } from '../../../lib/environment/environments.mts'
import type { Checkout, Ran } from '../support/checkout.mts'
import { describedService } from '../support/system.mts'

const names = environmentNames('staging')
const alarm = `${names.prefix}-backend-errors`

export function heedsAlarms(copyOf: () => Checkout): void {
  describe('alarms of a deployment', () => {
    let copy: Checkout
    let good: number

    const turn = (state: 'ALARM' | 'OK') =>
      copy.aws(
        'cloudwatch',
        'set-alarm-state',
        `--alarm-name=${alarm}`,
        `--state-value=${state}`,
        '--state-reason=test',
      )
    const service = () => describedService({ ...copy, names })
    const revision = async () => Number((await service()).taskDefinition.split(':').at(-1))

    /** Runs a line, and turns the alarm on when ECS has begun: one that is on before that switches the watch off. */
    async function alarmedDuring(line: string): Promise<Ran> {
      const [{ id: last }] = (await service()).deployments
      const running = copy.runThere(line)
      const ended = running.then((ran) => assert.fail(`it ended before it changed the service:\n${ran.output}`))
      const begun = async () => {
        for (const deadline = Date.now() + 300_000; Date.now() < deadline; await pause(100)) {
          const [{ id, pendingCount, runningCount }] = (await service()).deployments
          if (id !== last && pendingCount + runningCount > 0) return
        }
        assert.fail('ECS has not begun within 5 minutes')
      }
      await Promise.race([begun(), ended])
      await turn('ALARM')
      return await running
    }

    before(async () => {
      copy = copyOf()
      const settings = join(copy.path, 'env/.env.staging')
      const text = readFileSync(settings, 'utf8')
      writeFileSync(settings, text.replace(/DEREGISTRATION_DELAY_SECONDS=\d+/, 'DEREGISTRATION_DELAY_SECONDS=5'))
      const ran = await copy.runThere('./deploy/infrastructure.mts staging && ./deploy/scale.mts staging 1')
      assert.equal(ran.exitCode, 0, ran.output)
      good = await revision()
    })

    it('rolled back (3): an alarm goes off during the rollout, and is named', async () => {
      const ran = await alarmedDuring('./deploy/backend.mts staging --redeploy')
      assert.match(ran.stderr, new RegExp(`error: rolled back: ${names.family}:${good + 1}: by alarm ${alarm}: `))
      assert.match(ran.stderr, /hint\n {2}alarm: the release passed its health check/)
      assert.equal(ran.exitCode, 3, ran.output)
      assert.doesNotMatch(ran.output, /all tasks run it/)
      assert.equal(await revision(), good)
    })

    it('a release that is deployed while the alarm is on may be the fix', async () => {
      const ran = await copy.runThere('./deploy/backend.mts staging --redeploy')
      assert.equal(ran.exitCode, 0, ran.output)
      assert.equal(await revision(), good + 2)
    })

    it('a rollback is not undone by what the bad release sets off on its way out', async () => {
      await turn('OK')
      const ran = await alarmedDuring(`./deploy/rollback.mts staging ${good}`)
      assert.equal(ran.exitCode, 0, ran.output)
      assert.equal(await revision(), good)
    })

    it('the next deployment is watched again, and says so', async () => {
      await turn('OK')
      const ran = await copy.runThere('./deploy/backend.mts staging --redeploy')
      assert.equal(ran.exitCode, 0, ran.output)
      assert.match(
        ran.stderr,
        new RegExp(`all tasks run it; ECS goes back if one of these alarms goes into ALARM now: ${alarm}`),
      )
      assert.equal((await service()).deploymentConfiguration.alarms.enable, true)
    })
  })
}
