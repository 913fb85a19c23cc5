import type { Platform } from '../image/image.mts'
import { isDeepStrictEqual } from 'node:util'
import { addresses } from '../stack/addresses.mts'
import { settingsFor } from '../environment/settings.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'

export const taskPort = 3000

/** What a revision carries besides settings: which bytes, built for what, under which release id. */
export interface Revision {
  /** `<repository>@sha256:…`: a tag would make every older revision run the newest image. */
  image: string
  platform: Platform
  release: string
}

export type TaskDefinition = ReturnType<typeof taskDefinition>

/** The task definition of an environment, as `aws ecs register-task-definition --cli-input-json` takes it. */
export function taskDefinition(
  { names, settings, region }: Pick<Target, 'names' | 'settings' | 'region'>,
  outputs: StackOutputs,
  { image, platform, release }: Revision,
) {
  return {
    family: names.family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: settings.TASK_CPU,
    memory: settings.TASK_MEMORY_MIB,
    runtimePlatform: {
      operatingSystemFamily: 'LINUX',
      cpuArchitecture: platform === 'linux/arm64' ? 'ARM64' : 'X86_64',
    },
    executionRoleArn: outputs.TaskExecutionRoleArn,
    taskRoleArn: outputs.TaskRoleArn,
    containerDefinitions: [
      {
        name: names.container,
        image,
        essential: true,
        // the backend writes nothing to disk, and what cannot be written cannot be planted
        readonlyRootFilesystem: true,
        portMappings: [{ containerPort: taskPort, protocol: 'tcp' }],
        environment: Object.entries({
          ...settingsFor('task', settings),
          PORT: String(taskPort),
          APPLICATION_TABLE: outputs.ApplicationTableName,
          AWS_REGION: region,
          RELEASE_ID: release,
          ALLOWED_ORIGINS: addresses(outputs).site,
        }).map(([name, value]) => ({ name, value })),
        secrets: [{ name: 'ADMIN_SECRET', valueFrom: outputs.AdminSecretArn }],
        // the image's own HEALTHCHECK is ignored by ECS; node:20-alpine has no curl
        healthCheck: {
          command: [
            'CMD',
            'node',
            '--eval',
            `fetch('http://127.0.0.1:${taskPort}/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`,
          ],
          interval: 10,
          timeout: 5,
          retries: 3,
          startPeriod: 10,
        },
        stopTimeout: Number(settings.STOP_TIMEOUT_SECONDS),
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': names.logGroup,
            'awslogs-region': region,
            'awslogs-stream-prefix': 'websocket',
          },
        },
      },
    ],
  }
}

/** What `aws ecs describe-task-definition` adds to what was registered. */
const readOnly = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
]

/** What was registered, of what `describe-task-definition` answers: the rest `register-task-definition` refuses. */
export function asRegistered(definition: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !readOnly.includes(key)))
}

/** Whether two task definitions run the same thing: the id of the release apart, and what ECS fills in by itself. */
export function sameTasks(one: object, other: object): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other))
}

/** Read-only fields and the release id gone, ECS's defaults gone, lists of names in one order. */
export function comparable(definition: object): object {
  return withoutDefaults(asRegistered(definition)) as object
}

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.filter((item) => item?.name !== 'RELEASE_ID').map(withoutDefaults)
    const named = items.every((item) => typeof (item as { name?: unknown } | null)?.name === 'string')
    return named ? (items as { name: string }[]).toSorted((a, b) => (a.name < b.name ? -1 : 1)) : items
  }
  if (typeof value !== 'object' || value === null) return value
  const { containerPort } = value as { containerPort?: number }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]) => [key, withoutDefaults(field)] as const)
      .filter(([key, field]) => {
        if (field === null || field === undefined || field === false || (Array.isArray(field) && field.length === 0))
          return false
        if (key === 'cpu' && field === 0) return false
        // awsvpc: the host port is the container's own
        return !(key === 'hostPort' && field === containerPort)
      }),
  )
}
