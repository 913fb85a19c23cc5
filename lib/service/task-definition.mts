import { isDeepStrictEqual } from 'node:util'
import { tagsOf } from '../environment/environments.mts'
import { settingsFor } from '../environment/settings.mts'
import type { Target } from '../environment/target.mts'
import type { Platform } from '../image/image.mts'
import { writeStateFile } from '../script/files.mts'
import { change, read } from '../script/shell.mts'
import { allowedOrigins, type StackOutputs } from '../stack/stack.mts'

/** Port that the container listens on. */
export const taskPort = 3000

/** What names the application's table to a task. */
export const tableVariable = 'APPLICATION_TABLE'

/** Files and sockets that a task may have open. */
const openFiles = 65_535

/** The part of a task definition that a deployment brings: which image, for which platform, under which release id. */
interface BuiltRelease {
  /** `<repository>@sha256:…`: with a tag, every older revision would run the newest image. */
  image: string
  platform: Platform
  release: string
  /** The table in use, where something runs already; the stack's unless given. */
  table?: string
}

export type TaskDefinition = ReturnType<typeof taskDefinition>

/** The task definition of an environment, as `aws ecs register-task-definition --cli-input-json` takes it. */
export function taskDefinition(
  { names, settings, region }: Pick<Target, 'names' | 'settings' | 'region'>,
  outputs: StackOutputs,
  { image, platform, release, table = outputs.ApplicationTableName }: BuiltRelease,
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
        // of the image too (USER node); said here, so that no image can be root
        user: '1000',
        // it listens on a port above 1024, and needs none: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
        linuxParameters: { capabilities: { drop: ['ALL'] } },
        // the backend writes nothing to disk, and an intruder must not
        readonlyRootFilesystem: true,
        portMappings: [{ containerPort: taskPort, protocol: 'tcp' }],
        environment: Object.entries({
          ...settingsFor('task', settings),
          PORT: String(taskPort),
          [tableVariable]: table,
          AWS_REGION: region,
          RELEASE_ID: release,
          ALLOWED_ORIGINS: allowedOrigins(outputs),
          // a task learns from its own target health that it is draining, and when it must be done
          TARGET_GROUP_ARN: outputs.TargetGroupArn,
          DRAIN_SECONDS: settings.DEREGISTRATION_DELAY_SECONDS,
          STOP_SECONDS: settings.STOP_TIMEOUT_SECONDS,
        }).map(([name, value]) => ({ name, value })),
        secrets: [{ name: 'ADMIN_SECRET', valueFrom: outputs.AdminSecretArn }],
        // ECS ignores the image's own HEALTHCHECK. A check must cost less than the service: a node that starts may take longer
        // than the check may last, on a busy processor, and a healthy task would be replaced. So busybox's wget (without the
        // task's proxy), ten seconds for an answer, and three failures. Until its first success a task has half a minute
        healthCheck: {
          command: ['CMD', 'wget', '-q', '-Y', 'off', '-O', '/dev/null', `http://127.0.0.1:${taskPort}/health`],
          interval: 10,
          timeout: 10,
          retries: 3,
          startPeriod: 30,
        },
        // a WebSocket each; said here, since Fargate's default has changed before
        ulimits: [{ name: 'nofile', softLimit: openFiles, hardLimit: openFiles }],
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

/** The fields that `aws ecs describe-task-definition` adds. */
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

/** A described task definition as it was registered: `register-task-definition` refuses the other fields. */
export function asRegistered(definition: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !readOnly.includes(key)))
}

/** A task definition as ECS returns it. */
export type RegisteredTaskDefinition = TaskDefinition & {
  taskDefinitionArn: string
  revision: number
  status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS'
  registeredAt: string | number
}

/** The task definition of an ARN. */
export async function describeTaskDefinition(arn: string): Promise<RegisteredTaskDefinition> {
  const { taskDefinition: registered } = await read<{
    taskDefinition: RegisteredTaskDefinition
  }>`aws ecs describe-task-definition --task-definition ${arn}`
  return registered
}

/**
 * Registers a revision and returns its ARN; in a dry run the family, which stands for its next revision. Where the answer is
 * lost, `aws` registers it twice, which does no harm: the service is set to the second, and nothing names the first.
 */
export async function registerTaskDefinition(
  { environment }: Pick<Target, 'environment'>,
  definition: TaskDefinition,
): Promise<string> {
  const tags = Object.entries(tagsOf({ environment })).map(([key, value]) => ({ key, value }))
  const file = writeStateFile(environment, 'task-definition.json', { ...definition, tags })
  const registered = await change({
    dryRunAnswer: { taskDefinition: { taskDefinitionArn: definition.family } },
  })`aws ecs register-task-definition --cli-input-json ${`file://${file}`}`
  return registered.answer().taskDefinition.taskDefinitionArn
}

/** The release id that a task definition names; empty when someone registered it by hand. */
export function releaseOf({ containerDefinitions }: Pick<TaskDefinition, 'containerDefinitions'>): string {
  const [container] = containerDefinitions
  return container?.environment?.find(({ name }) => name === 'RELEASE_ID')?.value ?? ''
}

/** The table that the tasks of a task definition use; empty when someone registered it by hand without one. */
export function applicationTable({ containerDefinitions }: Pick<TaskDefinition, 'containerDefinitions'>): string {
  return containerDefinitions[0]?.environment?.find(({ name }) => name === tableVariable)?.value ?? ''
}

/** The table in use: a restored one, for as long as a revision that names it runs, or else the stack's. */
export function tableInUse(
  { names }: Pick<Target, 'names'>,
  outputs: StackOutputs,
  running: { taskDefinition: TaskDefinition } | undefined,
): string {
  const table = running ? applicationTable(running.taskDefinition) : ''
  return table.startsWith(names.restoredTablePrefix) ? table : outputs.ApplicationTableName
}

/** Whether two task definitions run the same thing, whatever their release id and the defaults that ECS fills in. */
export function sameTasks(one: object, other: object): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other))
}

/** Without read-only fields, release id and ECS's defaults, and with lists of names in one order. */
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
        // awsvpc: the host port is the container's port
        return !(key === 'hostPort' && field === containerPort)
      }),
  )
}
