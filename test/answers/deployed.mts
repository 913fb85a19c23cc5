import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../infrastructure/local/connection.ts'
import { environmentNames } from '../../lib/environment/environments.mts'
import { checkout, type Checkout } from '../e2e/support/checkout.mts'
import { edit, outputsOf } from '../e2e/support/system.mts'
import { sdkEnvironment, type World } from './world.mts'

/** How fast the local AWS is: its default, or AWS's pace. */
export type Timings = 'instant' | 'lifelike'

export interface Deployed extends World {
  copy: Checkout
  /** Resolves with the exit codes of all tasks that were stopped, when all of them have ended. */
  stopped(): Promise<number[]>
  /** Everything that the tasks have logged. */
  output(): Promise<string>
  remove(): Promise<void>
}

const names = environmentNames('local')

/** Deploys this tree to a local AWS: two tasks, behind CDN and load balancer. */
export async function deployTwoTasks(port: number, timings: Timings): Promise<Deployed> {
  const copy = await checkout(port, { env: { LOCAL_AWS_TIMINGS: timings } })
  edit(copy, 'env/.env.local', 'TASK_COUNT=1', 'TASK_COUNT=2')
  edit(copy, 'env/.env.local', 'DEREGISTRATION_DELAY_SECONDS=5', 'DEREGISTRATION_DELAY_SECONDS=20')
  const deployed = await copy.run(['make', 'deploy-local'])
  if (deployed.exitCode !== 0) throw new Error(`make deploy-local ended with ${deployed.exitCode}:\n${deployed.output}`)
  const pages: World['pages'] = new Set()
  const [, site = ''] = /^site +(\S+)$/m.exec(deployed.output) ?? []
  const outputs = await outputsOf(copy.aws, names)
  const { SecretString: adminSecret } = await copy.aws(
    'secretsmanager',
    'get-secret-value',
    '--secret-id',
    outputs['AdminSecretArn']!,
  )
  return {
    copy,
    origins: () => [site],
    heartbeatSeconds: 25,
    adminSecret,
    secrets: new Set([adminSecret]),
    pages,
    table: { name: outputs['ApplicationTableName']!, sdk: sdkOf(copy) },

    async stopped() {
      for (const deadline = Date.now() + 300_000; Date.now() < deadline; await sleep(500)) {
        const tasks = await stoppedTasks(copy)
        if (tasks.every(({ lastStatus }) => lastStatus === 'STOPPED')) {
          return tasks.flatMap(({ containers }) => containers.map(({ exitCode }) => exitCode))
        }
      }
      throw new Error('tasks that were stopped have not ended within 5 minutes')
    },

    async remove() {
      for (const page of pages) page.close()
      await copy.remove()
    },

    async output() {
      const { events } = await copy.aws('logs', 'filter-log-events', '--log-group-name', names.logGroup)
      return events.map(({ message }: { message: string }) => `${message}\n`).join('')
    },
  }
}

function sdkOf({ path }: Checkout): Record<string, string> {
  const file = readFileSync(join(path, '.local', 'connection.json'), 'utf8')
  const { endpoint, environment } = JSON.parse(file) as Connection
  return sdkEnvironment(endpoint, [environment['AWS_ACCESS_KEY_ID']!, environment['AWS_SECRET_ACCESS_KEY']!])
}

interface StoppedTask {
  lastStatus: string
  containers: { exitCode: number }[]
}

async function stoppedTasks({ aws }: Checkout): Promise<StoppedTask[]> {
  const cluster = ['--cluster', names.cluster]
  const { taskArns } = await aws('ecs', 'list-tasks', ...cluster, '--desired-status', 'STOPPED')
  if (taskArns.length === 0) return []
  const { tasks } = await aws('ecs', 'describe-tasks', ...cluster, '--tasks', ...taskArns)
  return tasks
}
