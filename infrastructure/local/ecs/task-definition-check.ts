import { clientError } from './errors.ts'
import type { ContainerDefinition, TaskDefinition } from './model.ts'
import { unsupportedMembers } from './unsupported.ts'

export type TaskDefinitionInput = Pick<TaskDefinition, 'family' | 'executionRoleArn' | 'taskRoleArn'> & {
  cpu?: string
  memory?: string
  networkMode?: string
  requiresCompatibilities?: string[]
  containerDefinitions?: (Pick<ContainerDefinition, 'name' | 'image'> & Partial<ContainerDefinition>)[]
}

const gibibytes = (...counts: number[]): number[] => counts.map((count) => count * 1024)
const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)

/**
 * MiB that Fargate offers for so many CPU units.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const fargateSizes: Record<string, number[]> = {
  256: [512, ...gibibytes(1, 2)],
  512: gibibytes(...range(1, 4)),
  1024: gibibytes(...range(2, 8)),
  2048: gibibytes(...range(4, 16)),
  4096: gibibytes(...range(8, 30)),
  8192: gibibytes(...range(16, 60, 4)),
  16384: gibibytes(...range(32, 120, 8)),
}

/** What a task definition may have here. */
const known = [
  'containerDefinitions.command',
  'containerDefinitions.cpu',
  'containerDefinitions.environment',
  'containerDefinitions.essential',
  'containerDefinitions.healthCheck',
  'containerDefinitions.image',
  'containerDefinitions.linuxParameters.capabilities.drop',
  'containerDefinitions.logConfiguration.logDriver',
  'containerDefinitions.logConfiguration.options.awslogs-group',
  'containerDefinitions.logConfiguration.options.awslogs-region',
  'containerDefinitions.logConfiguration.options.awslogs-stream-prefix',
  'containerDefinitions.memory',
  'containerDefinitions.name',
  'containerDefinitions.portMappings.containerPort',
  'containerDefinitions.portMappings.hostPort',
  'containerDefinitions.portMappings.protocol',
  'containerDefinitions.readonlyRootFilesystem',
  'containerDefinitions.secrets',
  'containerDefinitions.stopTimeout',
  'containerDefinitions.ulimits',
  'containerDefinitions.user',
  'cpu',
  'executionRoleArn',
  'family',
  'memory',
  'networkMode',
  'requiresCompatibilities',
  'runtimePlatform',
  'taskRoleArn',
]

/**
 * Least and most of a health check's settings, times in seconds:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
 */
const healthCheckRanges = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const

/**
 * Refuses what ECS refuses for Fargate, and what is not here.
 * @throws AwsError ClientException
 */
export function checkTaskDefinition(given: TaskDefinitionInput): void {
  const { family, cpu, memory, networkMode, requiresCompatibilities = [], containerDefinitions } = given
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(family ?? '')) throw clientError('Family contains invalid characters.')
  if (!containerDefinitions?.length) throw clientError('Container list cannot be empty.')
  for (const role of [given.executionRoleArn, given.taskRoleArn]) {
    if (role && !/^arn:aws:iam::\d{12}:role\/.+$/.test(role)) throw clientError('Role is not valid')
  }
  if (!requiresCompatibilities.includes('FARGATE')) {
    throw clientError('The local AWS runs Fargate tasks only: set requiresCompatibilities to FARGATE.')
  }
  if (networkMode !== 'awsvpc') throw clientError('Fargate only supports network mode ‘awsvpc’.')
  if (!cpu) throw clientError("Fargate requires that 'cpu' be defined at the task level.")
  if (!memory) throw clientError("Fargate requires that 'memory' be defined at the task level.")
  if (!fargateSizes[cpu]?.includes(Number(memory))) {
    throw clientError(`No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory.`)
  }
  for (const container of containerDefinitions) checkContainer(container, given)
  if (containerDefinitions.every(({ essential }) => essential === false)) {
    throw clientError('At least one container must be marked as essential.')
  }
  if (containerDefinitions.length > 1) throw clientError('The local AWS runs tasks of one container only.')
  const unsupported = unsupportedMembers(given, known)
  if (unsupported.length > 0) throw clientError(`The local AWS does not have ${unsupported.join(', ')}.`)
}

function checkContainer(
  container: NonNullable<TaskDefinitionInput['containerDefinitions']>[number],
  task: TaskDefinitionInput,
): void {
  const { name, image, portMappings = [], environment = [], secrets = [], stopTimeout, memory } = container
  const { healthCheck, logConfiguration } = container
  if (!name) throw clientError('Container.name should not be null or empty.')
  if (!image) throw clientError('Container.image should not be null or empty.')
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw clientError(`Invalid container name: ${name}`)
  if (portMappings.some(({ containerPort, hostPort }) => hostPort !== undefined && hostPort !== containerPort)) {
    throw clientError('When networkMode=awsvpc, the host ports and container ports in port mappings must match.')
  }
  if (stopTimeout !== undefined && (stopTimeout < 2 || stopTimeout > 120)) {
    throw clientError('Container.stopTimeout must be between 2 and 120 seconds on Fargate.')
  }
  if (memory !== undefined && memory > Number(task.memory)) {
    throw clientError(`Invalid setting for container '${name}'. The container's memory exceeds the task's.`)
  }
  for (const [setting, [least, most]] of Object.entries(healthCheckRanges)) {
    const value = healthCheck?.[setting as keyof typeof healthCheckRanges] ?? least
    if (value < least || value > most) {
      throw clientError(`Container.healthCheck.${setting} must be between ${least} and ${most}.`)
    }
  }
  const shared = secrets.find((secret) => environment.some((variable) => variable.name === secret.name))
  if (shared) {
    throw clientError(
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared.name}'.`,
    )
  }
  for (const { valueFrom } of secrets) {
    if (!/^arn:aws:secretsmanager:[^:]+:\d{12}:secret:[^:]+$/.test(valueFrom)) {
      throw clientError(`The local AWS has no secrets but whole ones of Secrets Manager, by ARN, not ${valueFrom}.`)
    }
  }
  if (logConfiguration) checkLogging(logConfiguration)
  if (task.executionRoleArn) return
  const needs = 'Fargate requires task definition to have execution role ARN to support'
  if (/\.dkr\.ecr\.|^127\.0\.0\.1:/.test(image)) throw clientError(`${needs} ECR images.`)
  if (logConfiguration) throw clientError(`${needs} log driver awslogs.`)
  if (secrets.length > 0) throw clientError(`${needs} secrets.`)
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html */
function checkLogging({ logDriver, options = {} }: NonNullable<ContainerDefinition['logConfiguration']>): void {
  if (logDriver !== 'awslogs') throw clientError(`The local AWS does not have the log driver ${logDriver}.`)
  const missing = ['awslogs-group', 'awslogs-region'].filter((name) => !options[name])
  if (missing.length > 0) throw clientError(`Log driver awslogs requires options: ${missing.join(', ')}`)
  if (!options['awslogs-stream-prefix']) {
    throw clientError(
      'Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.',
    )
  }
}
