import type { ResourceTypes } from '../cloudformation/resource-type.ts'
import type { Ecr } from '../ecr/room.ts'
import type { Targets } from '../elb/targets.ts'
import type { Room } from '../gateway/room.ts'
import { containerLabel, endpoint, motoEndpoint, port, timings } from '../settings.ts'
import { alarmStatesOf } from './alarms.ts'
import { createAwsClients } from './aws-clients.ts'
import { createEngine } from './engine.ts'
import { readMetadata } from './metadata.ts'
import { createRecords } from './records.ts'
import { resourceTypes } from './resources.ts'
import { startScheduler } from './scheduler.ts'
import { serviceDeploymentActions } from './service-deployments.ts'
import { countTasks } from './service-description.ts'
import { serviceActions } from './services.ts'
import { taskActions } from './task-actions.ts'
import { taskDefinitionActions } from './task-definitions.ts'
import { createTasks } from './tasks.ts'

export interface EcsOptions {
  ecr: Pick<Ecr, 'findImage' | 'issuePassword'>
  targets: Targets
  /** The gateway as containers reach it: `http://<address of Docker's bridge>:<port>`. */
  taskEndpoint: string
  /** The gateway and moto as this process reaches them. */
  endpoint?: string
  motoEndpoint?: string
  containerPrefix?: string
}

interface Ecs {
  room: Room
  resourceTypes: ResourceTypes
  /** Answers a container's questions about itself; undefined: nothing is at that path. */
  metadata(path: string): Promise<object | undefined>
  summary(): { service: string; status: string; desired: number; running: number; taskDefinition: string }[]
  /** Kills every task and removes its container, and the images that were pulled. */
  close(): Promise<void>
}

/** Time without any health check after which a running task counts as healthy, in milliseconds. */
const settle = 2_000

export function createEcs(options: EcsOptions): Ecs {
  const { ecr, targets } = options
  const engine = createEngine()
  const records = createRecords()
  const pulled = new Set<string>()
  const platform = {
    engine,
    ecr,
    targets,
    clients: createAwsClients(options.motoEndpoint ?? motoEndpoint),
    endpoint: options.endpoint ?? endpoint,
    taskEndpoint: options.taskEndpoint,
    containerPrefix: options.containerPrefix ?? 'live-quiz-local-',
    // distinguishes one local AWS's containers from another's
    label: [containerLabel, String(port)] as const,
    provisioning: timings.provisioning,
    pulled,
  }
  const tasks = createTasks(platform, records)
  const scheduler = startScheduler({
    records,
    tasks,
    targets,
    tick: timings.schedulerTick,
    healthCheckGrace: timings.healthCheckGrace,
    settle,
    alarmStates: alarmStatesOf(platform.clients),
    bake: timings.bake,
  })

  return {
    room: {
      signingName: 'ecs',
      protocol: 'json',
      actions: {
        ...taskDefinitionActions(records),
        ...serviceActions(records, targets),
        ...serviceDeploymentActions(records),
        ...taskActions(records),
      },
    },
    resourceTypes: resourceTypes(records),
    metadata: (path) => readMetadata(path, records, engine),
    summary: () =>
      records
        .services()
        .filter(({ status }) => status !== 'INACTIVE')
        .map((service) => ({
          service: `${service.cluster.name}/${service.name}`,
          status: service.status,
          desired: service.desiredCount,
          running: countTasks(records.tasksOf(service)).running,
          taskDefinition: service.deployments[0]?.revision.taskDefinition.split('/')[1] ?? '-',
        })),
    async close() {
      await scheduler.close()
      await tasks.close()
      for (const image of pulled) await engine.removeImage(image)
    },
  }
}
