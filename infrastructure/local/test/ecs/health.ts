import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../expectations.ts'
import {
  cluster,
  createCluster,
  definitionOf,
  hasEvent,
  name,
  network,
  removeService,
  repository,
  service,
  settled,
  tasks,
  world,
} from './service.ts'

// after the world, which says on which ports everything is
const { environmentNames } = await import('../../../../lib/environment/environments.mts')
const { readSettings } = await import('../../../../lib/environment/settings.mts')
const { outputKeys } = await import('../../../../lib/stack/stack.mts')
const { taskDefinition } = await import('../../../../lib/service/task-definition.mts')

/*
 * The health check of our own task definition, in a task that has a tenth of a processor and more to do than that.
 */

/** Busy, but for one answer in between; or hung. */
const program = `
import { createServer } from 'node:http'
const work = () => { for (const end = Date.now() + 50; Date.now() < end;); setImmediate(work) }
createServer((request, response) => {
  response.end('ok')
  if (request.url === '/work') setImmediate(work)
  if (request.url === '/hang') setTimeout(() => { for (;;); }, 100)
}).listen(3000)
process.on('SIGTERM', () => process.exit(0))
`

const outputs = Object.fromEntries(outputKeys.map((key) => [key, `the-${key}`])) as Parameters<typeof taskDefinition>[1]
const target = { names: environmentNames('local'), settings: readSettings('local'), region: 'us-east-1' }
const ours = taskDefinition(target, outputs, { image: 'none', platform: 'linux/amd64', release: 'none' })
// asked as often as AWS takes: the test is shorter, and no easier
const healthCheck = { ...ours.containerDefinitions[0]!.healthCheck, interval: 5 }
const { interval, timeout, retries } = healthCheck

async function arns(): Promise<string[]> {
  return (await tasks({ desiredStatus: 'RUNNING' })).map(({ taskArn }) => taskArn)
}

describe('a task with no time left on its processor', { timeout: 600_000 }, () => {
  before(async () => {
    await createCluster()
    await world.docker(['push', '--quiet', await world.build(`${repository}:busy`, program)])
    const definition = definitionOf(`${repository}:busy`, {})
    const containers = definition.containerDefinitions.map((container) => ({ ...container, healthCheck }))
    const revision = await world.register({ ...definition, containerDefinitions: containers })
    await world.aws`aws ecs create-service --cluster ${cluster} --service-name ${name} --task-definition ${revision} --desired-count 1 --launch-type FARGATE --network-configuration ${network}`
    await settled(revision)
  })
  after(removeService)

  it('is left alone while it is only busy, and replaced when it hangs', async () => {
    const [task] = await tasks({ desiredStatus: 'RUNNING' })
    const busy = { arn: task!.taskArn, address: task!.containers[0]!.networkInterfaces[0]!.privateIpv4Address }
    const [container] = (await world.containers()).split('\n')
    await world.docker(['update', '--cpus=0.1', container!])
    await fetch(`http://${busy.address}:3000/work`)
    const began = (await service()).events.length
    // long enough for all the checks that would have it replaced
    await sleep(retries * (interval + timeout) * 1000)
    assert.deepEqual([await arns(), (await service()).events.length], [[busy.arn], began])

    await fetch(`http://${busy.address}:3000/hang`)
    await eventually('it is replaced', async () => !(await arns()).includes(busy.arn), 120)
    assert.ok(hasEvent((await service()).events, /failed container health checks/))
  })
})
