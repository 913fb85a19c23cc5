import { randomBytes, randomUUID } from 'node:crypto'
import { region } from '../settings.ts'
import type { Deployment, Service, Task, TaskDefinition } from './model.ts'
import { arn, taskId } from './names.ts'

/** A task of a service that is about to start. */
export function createTask(
  service: Service,
  { id: deploymentId, revision }: Deployment,
  definition: TaskDefinition,
): Task {
  const { cluster } = service
  const id = taskId()
  const subnets = revision.networkConfiguration.awsvpcConfiguration?.subnets ?? []
  const index = randomBytes(1)[0]! % Math.max(1, subnets.length)
  return {
    arn: arn('task', cluster.name, id),
    id,
    cluster,
    definition,
    group: `service:${service.name}`,
    startedBy: deploymentId,
    service: { arn: service.arn, deploymentId },
    loadBalancers: revision.loadBalancers,
    tags: { SERVICE: service.tags, TASK_DEFINITION: definition.tags }[service.propagateTags] ?? [],
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 1,
    attachment: {
      id: randomUUID(),
      networkInterface: `eni-${randomBytes(8).toString('hex')}0`,
      subnet: subnets[index] ?? '',
      macAddress: `02:${randomBytes(5).toString('hex').match(/../g)!.join(':')}`,
    },
    availabilityZone: `${region}${'abc'[index % 3]}`,
    healthStatus: 'UNKNOWN',
    createdAt: new Date(),
  }
}

/** A task as DescribeTasks shows it. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
export function describeTask(task: Task, withTags = false) {
  const { attachment, definition, ip } = task
  return {
    attachments: [
      {
        id: attachment.id,
        type: 'ElasticNetworkInterface',
        status: attachmentStatus(task),
        details: [
          { name: 'subnetId', value: attachment.subnet },
          { name: 'networkInterfaceId', value: attachment.networkInterface },
          { name: 'macAddress', value: attachment.macAddress },
          ...(ip ? [{ name: 'privateIPv4Address', value: ip }] : []),
        ],
      },
    ],
    attributes: [
      { name: 'ecs.cpu-architecture', value: platformOf(definition).architecture === 'arm64' ? 'arm64' : 'x86_64' },
    ],
    availabilityZone: task.availabilityZone,
    clusterArn: task.cluster.arn,
    connectivity: task.startedAt && 'CONNECTED',
    connectivityAt: task.pullStartedAt,
    containers: definition.containerDefinitions.map(({ name, image, cpu }) => ({
      containerArn: arn('container', task.cluster.name, task.id, attachment.id),
      taskArn: task.arn,
      name,
      image,
      imageDigest: task.imageDigest,
      runtimeId: task.runtimeId && `${task.id}-${task.runtimeId.slice(0, 10)}`,
      lastStatus: containerStatus(task),
      exitCode: task.exitCode,
      reason: task.containerReason,
      networkBindings: [],
      networkInterfaces: ip ? [{ attachmentId: attachment.id, privateIpv4Address: ip }] : [],
      healthStatus: task.healthStatus,
      cpu: String(cpu),
    })),
    cpu: definition.cpu,
    createdAt: task.createdAt,
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: false,
    ephemeralStorage: { sizeInGiB: 20 },
    executionStoppedAt: task.executionStoppedAt,
    group: task.group,
    healthStatus: task.healthStatus,
    lastStatus: task.lastStatus,
    launchType: 'FARGATE',
    memory: definition.memory,
    overrides: {
      containerOverrides: definition.containerDefinitions.map(({ name }) => ({ name })),
      inferenceAcceleratorOverrides: [],
    },
    platformFamily: 'Linux',
    platformVersion: '1.4.0',
    pullStartedAt: task.pullStartedAt,
    pullStoppedAt: task.pullStoppedAt,
    startedAt: task.startedAt,
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedAt: task.stoppedAt,
    stoppedReason: task.stoppedReason,
    stoppingAt: task.stoppingAt,
    tags: withTags ? task.tags : [],
    taskArn: task.arn,
    taskDefinitionArn: definition.taskDefinitionArn,
    version: task.version,
  }
}

/** What an image must be made for: `linux/amd64` unless the task definition says ARM64. */
export function platformOf({ runtimePlatform }: TaskDefinition): { name: string; architecture: string } {
  const architecture = runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'amd64'
  return { name: `linux/${architecture}`, architecture }
}

function containerStatus({ lastStatus }: Task): string {
  if (lastStatus === 'STOPPED' || lastStatus === 'DEPROVISIONING') return 'STOPPED'
  return lastStatus === 'PROVISIONING' || lastStatus === 'PENDING' || lastStatus === 'ACTIVATING'
    ? 'PENDING'
    : 'RUNNING'
}

function attachmentStatus({ lastStatus }: Task): string {
  if (lastStatus === 'PROVISIONING') return 'PRECREATED'
  return lastStatus === 'STOPPED' ? 'DELETED' : 'ATTACHED'
}
