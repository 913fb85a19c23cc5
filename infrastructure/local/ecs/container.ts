import { readFileSync } from 'node:fs'
import type { ContainerSpec } from './engine.ts'
import type { ContainerDefinition, Task } from './model.ts'

interface ContainerSettings {
  /** Reference that docker has pulled. */
  image: string
  environment: Record<string, string>
  /** Name and value of the label by which exactly our containers are found. */
  label: readonly [name: string, value: string]
}

const nanoseconds = 1e9
const mebibytes = 1024 * 1024

/** The one container of a task, as the engine's POST /containers/create wants it. */
export function containerSpec(task: Task, definition: ContainerDefinition, settings: ContainerSettings): ContainerSpec {
  // no swap: a task that needs more memory than it has is killed, as on Fargate
  const memory = (definition.memory ?? Number(task.definition.memory)) * mebibytes
  return {
    Image: settings.image,
    Env: Object.entries(settings.environment).map(([name, value]) => `${name}=${value}`),
    Cmd: definition.command,
    User: definition.user,
    Labels: {
      'com.amazonaws.ecs.cluster': task.cluster.name,
      'com.amazonaws.ecs.container-name': definition.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': task.definition.family,
      'com.amazonaws.ecs.task-definition-version': String(task.definition.revision),
      [settings.label[0]]: settings.label[1],
    },
    Healthcheck: healthCheck(definition),
    HostConfig: {
      NetworkMode: 'bridge',
      Memory: memory,
      MemorySwap: memory,
      ReadonlyRootfs: definition.readonlyRootFilesystem,
      CapDrop: definition.linuxParameters?.capabilities?.drop,
      Ulimits: definition.ulimits?.map(({ name, softLimit, hardLimit }) => ({
        Name: name,
        Soft: Math.min(softLimit, mostOf(name)),
        Hard: Math.min(hardLimit, mostOf(name)),
      })),
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
    },
  }
}

/**
 * ECS knows only the health check of the task definition; the image's own is switched off, as on AWS.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
function healthCheck({ healthCheck: check }: ContainerDefinition) {
  if (!check) return { Test: ['NONE'] }
  return {
    Test: check.command.length === 1 ? ['CMD-SHELL', ...check.command] : check.command,
    Interval: (check.interval ?? 30) * nanoseconds,
    Timeout: (check.timeout ?? 5) * nanoseconds,
    Retries: check.retries ?? 3,
    StartPeriod: (check.startPeriod ?? 0) * nanoseconds,
  }
}

/**
 * What this machine grants of a limit, where that is little: a container cannot be given more than the engine has, where
 * the engine lacks CAP_SYS_RESOURCE (in a sandbox), and would not start.
 */
function mostOf(limit: string): number {
  if (limit !== 'nofile') return Infinity
  const hard = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return hard === undefined ? Infinity : Number(hard)
}
