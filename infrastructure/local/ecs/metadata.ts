import type { Engine } from './engine.ts'
import { arn } from './names.ts'
import type { Records } from './records.ts'

const pathPattern = /^\/v4\/([0-9a-f]{32})(\/task)?$/

/**
 * What a container learns about itself at ECS_CONTAINER_METADATA_URI_V4, and about its task at `/task` below it; its own
 * address above all. Undefined: there is no such task, or it has no container yet.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
export async function readMetadata(path: string, records: Records, engine: Engine): Promise<object | undefined> {
  const [, id, ofTask] = pathPattern.exec(path) ?? []
  const task = records.tasks().find((candidate) => candidate.id === id)
  if (!task?.runtimeId) return undefined
  const { definition, attachment } = task
  const { name, image, cpu } = definition.containerDefinitions[0]!
  // the container asks before its start has been noted
  const { ip } = await engine.inspect(task.runtimeId)
  const container = {
    DockerId: task.runtimeId,
    Name: name,
    DockerName: name,
    Image: image,
    ImageID: task.imageDigest,
    Labels: {
      'com.amazonaws.ecs.cluster': task.cluster.arn,
      'com.amazonaws.ecs.container-name': name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': definition.family,
      'com.amazonaws.ecs.task-definition-version': String(definition.revision),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: 'RUNNING',
    Limits: { CPU: cpu },
    CreatedAt: task.pullStoppedAt,
    StartedAt: task.startedAt,
    Type: 'NORMAL',
    ContainerARN: arn('container', task.cluster.name, task.id, attachment.id),
    Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [ip], MACAddress: attachment.macAddress }],
  }
  if (!ofTask) return container
  return {
    Cluster: task.cluster.arn,
    TaskARN: task.arn,
    Family: definition.family,
    Revision: String(definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: 'RUNNING',
    Limits: { CPU: Number(definition.cpu) / 1024, Memory: Number(definition.memory) },
    PullStartedAt: task.pullStartedAt,
    PullStoppedAt: task.pullStoppedAt,
    AvailabilityZone: task.availabilityZone,
    LaunchType: 'FARGATE',
    Containers: [container],
  }
}
