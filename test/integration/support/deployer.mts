/*
 * A deployment whose stages only wait, for test/integration: everything around them is real.
 *
 *   deployer.mts [<exit code>]     without one, its work lasts until SIGUSR2
 *
 *   FIRST=1         its infrastructure stage makes the table
 *   BESIDE=1        its infrastructure stage waits for SIGUSR2 before its change
 *   DIES=1          it is killed when it has said what it brings
 *   LEASE=8000      milliseconds that its lock lives unless it is renewed
 */
import { lockAndRecord, noteInRecord, recordBeforeChange, recordStage } from '../../../lib/ledger/deployment.mts'
import { environmentNames } from '../../../lib/environment/environments.mts'
import { Failure } from '../../../lib/script/failure.mts'
import { pause } from '../../../lib/script/job.mts'
import { main } from '../../../lib/script/main.mts'
import { say } from '../../../lib/script/narration.mts'
import { readSettings } from '../../../lib/environment/settings.mts'
import { createTable } from './table.mts'

await main(import.meta, async ([exitCode]) => {
  let isDone = false
  process.once('SIGUSR2', () => (isDone = true))
  const environment = 'staging'
  const target = {
    environment,
    names: environmentNames(environment),
    settings: readSettings(environment),
    account: '000000000000',
    identity: `arn:aws:iam::000000000000:user/${process.env['DEPLOYER'] ?? 'ana'}`,
    region: 'us-east-1',
    local: false,
    release: process.env['RELEASE'] ?? '20261123T101502Z-1a2b3c4',
  } as const
  const timing = { lease: Number(process.env['LEASE'] ?? 600_000), skew: 1_000 }
  await lockAndRecord(target, { verb: 'backend', timing }, async () => {
    await recordStage('infrastructure', async () => {
      if (process.env['FIRST']) await createTable()
      if (process.env['BESIDE']) {
        say('building')
        while (!isDone) await pause(50)
        await recordBeforeChange()
        say('changing')
      }
    })
    await recordStage('backend', async () => {
      say('working')
      while (exitCode === undefined && !isDone) await pause(50)
      if (process.env['DIES']) {
        await recordBeforeChange({ digest: 'sha256:new' })
        process.kill(process.pid, 'SIGKILL')
      }
      if (Number(exitCode ?? 0) !== 0) throw new Failure('task:12 did not come up', 'aws logs tail', Number(exitCode))
      const taskDefinition = 'arn:aws:ecs:us-east-1:000000000000:task-definition/websocket-task-staging:12'
      noteInRecord({ taskDefinition, digest: 'sha256:new' })
    })
  })
})
