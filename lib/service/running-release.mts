import { isImage, pinned, type Image } from '../image/image.mts'
import { describeService, describeTaskDefinition, type Service } from './service.mts'
import type { Target } from '../environment/target.mts'
import { releaseOf, sameTasks, type TaskDefinition } from './task-definition.mts'

/** The revision that the service is set to run. */
export interface RunningRelease {
  service: Service
  /** ARN of the task definition. */
  revision: string
  taskDefinition: TaskDefinition
  /** Someone deregistered the revision: its tasks keep running, but the service cannot be set to it again. */
  deregistered: boolean
  /** Empty when someone registered the revision by hand and named its image by tag. */
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
    release: releaseOf(taskDefinition),
  }
}

/** Whether the service runs, or is about to run, that image with those settings, so that deploying it again would change nothing. */
export async function runs(
  running: RunningRelease,
  image: Image,
  wanted: (image: string, release: string) => TaskDefinition,
  repositoryName: string,
): Promise<boolean> {
  const reference = running.taskDefinition.containerDefinitions[0]?.image ?? ''
  return runsTasks(running, wanted(reference, running.release)) && (await isImage(reference, image, repositoryName))
}

/** Whether the service runs, or is about to run, that task definition, image included; the release id may differ. */
export function runsTasks({ service, digest, taskDefinition }: RunningRelease, wanted: TaskDefinition): boolean {
  const failed = service.deployments.some(
    ({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'FAILED',
  )
  return !failed && digest !== '' && sameTasks(taskDefinition, wanted)
}
