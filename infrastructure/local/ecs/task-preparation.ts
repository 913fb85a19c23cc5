import { region } from '../settings.ts'
import { openLogStream, type LogStream } from './log-stream.ts'
import type { ContainerDefinition, Task } from './model.ts'
import type { Platform } from './platform.ts'
import { checkRole, assumeTaskRole } from './role-credentials.ts'
import { fetchSecrets } from './secrets.ts'
import { StartFailure } from './start-failure.ts'
import { platformOf } from './task.ts'

interface Preparation {
  image: string
  environment: Record<string, string>
  log: LogStream | undefined
}

/**
 * Provides all that must be there before a task's container is made.
 * @throws StartFailure in the words of ECS
 */
export async function prepareTask(
  task: Task,
  container: ContainerDefinition,
  platform: Platform,
): Promise<Preparation> {
  const { executionRoleArn, taskRoleArn } = task.definition
  if (executionRoleArn) await checkRole(executionRoleArn, platform.clients)
  task.pullStartedAt = new Date()
  const image = await pullImage(task, container, platform)
  task.pullStoppedAt = new Date()
  const secrets = await fetchSecrets(container, platform.clients)
  const log = await openLog(task, container, platform)
  const environment = {
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: platform.taskEndpoint,
    ECS_CONTAINER_METADATA_URI_V4: `${platform.taskEndpoint}/_local/v4/${task.id}`,
    ...(await assumeTaskRole(taskRoleArn, task.id, platform.endpoint, platform.clients)),
    ...Object.fromEntries([...container.environment, ...secrets].map(({ name, value }) => [name, value])),
  }
  return { image, environment, log }
}

/** @returns what docker runs; pinned by digest where the image is ours */
async function pullImage(task: Task, { image }: ContainerDefinition, platform: Platform): Promise<string> {
  const cannotPull = 'CannotPullContainerError: pull image manifest has been retried 1 time(s): '
  const found = await platform.ecr.findImage(image)
  if (found.kind === 'missing')
    throw new StartFailure(`${cannotPull}failed to resolve ref ${image}: ${image}: not found`)
  const { name } = platformOf(task.definition)
  if (found.kind === 'found' && !found.platforms.includes(name)) {
    throw new StartFailure(`${cannotPull}image Manifest does not contain descriptor matching platform '${name}'`)
  }
  const reference = found.kind === 'found' ? found.reference : image
  if (found.kind === 'found') task.imageDigest = found.digest
  await platform.engine
    .pull(reference, found.kind === 'found' ? platform.ecr.issuePassword() : undefined)
    .catch((error: Error) => {
      throw new StartFailure(`${cannotPull}failed to resolve ref ${image}: ${error.message}`)
    })
  platform.pulled.add(reference)
  return reference
}

async function openLog(
  { id }: Task,
  { name, logConfiguration }: ContainerDefinition,
  { clients }: Platform,
): Promise<LogStream | undefined> {
  const { 'awslogs-group': group, 'awslogs-stream-prefix': prefix } = logConfiguration?.options ?? {}
  return group === undefined ? undefined : openLogStream(group, `${prefix}/${name}/${id}`, clients)
}
