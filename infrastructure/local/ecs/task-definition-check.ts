import { clientError } from './errors.ts'
import type { ContainerDefinition, TaskDefinition } from './model.ts'

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

/**
 * Refuses what ECS refuses for Fargate.
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
}

function checkContainer(
  container: NonNullable<TaskDefinitionInput['containerDefinitions']>[number],
  task: TaskDefinitionInput,
): void {
  const { name, image, portMappings = [], secrets = [], stopTimeout, logConfiguration, memory } = container
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
  if (task.executionRoleArn) return
  const needs = 'Fargate requires task definition to have execution role ARN to support'
  if (/\.dkr\.ecr\.|^127\.0\.0\.1:/.test(image)) throw clientError(`${needs} ECR images.`)
  if (logConfiguration?.logDriver === 'awslogs') throw clientError(`${needs} log driver awslogs.`)
  if (secrets.length > 0) throw clientError(`${needs} secrets.`)
}
