import { isImage, pinned, type Image } from '../image/image.mts'
import { describeService, describeTaskDefinition, type Service } from './service.mts'
import type { Target } from '../environment/target.mts'
import { sameTasks, type TaskDefinition } from './task-definition.mts'

/** What the service is set to run. */
export interface RunningRelease {
  service: Service
  /** ARN of the task definition. */
  revision: string
  taskDefinition: TaskDefinition
  /** Somebody took the revision away: its tasks run on, and the service cannot be set to it again. */
  deregistered: boolean
  /** Empty when somebody registered a revision by hand that names its image by tag. */
  digest: string
  release: string
}

export async function runningRelease(target: Pick<Target, 'names'>): Promise<RunningRelease | undefined> {
  const service = await describeService(target)
  if (!service) return undefined
  const taskDefinition = await describeTaskDefinition(service.taskDefinition)
  const [container] = taskDefinition.containerDefinitions
  return {
    service,
    revision: service.taskDefinition,
    taskDefinition,
    deregistered: taskDefinition.status === 'INACTIVE',
    digest: pinned(container?.image ?? '')?.digest ?? '',
    release: container?.environment.find(({ name }) => name === 'RELEASE_ID')?.value ?? '',
  }
}

/** Whether it runs, or is about to run, that image with those settings, so that deploying it again would change nothing. */
export async function runs(
  running: RunningRelease,
  image: Image,
  wanted: (image: string, release: string) => TaskDefinition,
  repositoryName: string,
): Promise<boolean> {
  const reference = running.taskDefinition.containerDefinitions[0]?.image ?? ''
  return runsTasks(running, wanted(reference, running.release)) && (await isImage(reference, image, repositoryName))
}

/** Whether it runs, or is about to run, that very task definition: image included, the id of the release apart. */
export function runsTasks({ service, digest, taskDefinition }: RunningRelease, wanted: TaskDefinition): boolean {
  const abandoned = service.deployments.some(
    ({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'FAILED',
  )
  return !abandoned && digest !== '' && sameTasks(taskDefinition, wanted)
}
