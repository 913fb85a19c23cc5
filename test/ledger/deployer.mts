/*
 * A deployment whose stages only take their time, for test/ledger: everything around them is real. Its lock lives
 * shorter than a real one.
 *
 *   deployer.mts <milliseconds> [<exit code>]
 *
 *   FIRST=1   its infrastructure stage makes the table
 */
import { deployment, type Recorded } from '../../lib/deployment.mts'
import { environmentNames } from '../../lib/environments.mts'
import { Failure } from '../../lib/failure.mts'
import { pause } from '../../lib/job.mts'
import { main } from '../../lib/main.mts'
import { say } from '../../lib/narration.mts'
import { readSettings } from '../../lib/settings.mts'
import { createTable } from './table.mts'

await main(import.meta, async ([milliseconds = '0', exitCode = '0']) => {
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
  const work = async ({ infrastructure, backend }: Recorded) => {
    await infrastructure(async () => {
      if (process.env['FIRST']) await createTable()
    })
    await backend(async () => {
      say('working')
      await pause(Number(milliseconds))
      if (exitCode !== '0') throw new Failure('task:12 did not come up', 'aws logs tail', Number(exitCode))
      const taskDefinition = 'arn:aws:ecs:us-east-1:000000000000:task-definition/websocket-task-staging:12'
      return { taskDefinition, digest: 'sha256:new' }
    })
  }
  await deployment(target, 'backend', work, { timing: { lease: 6_000, skew: 1_000 } })
})
