/** What the room keeps. Members that a client sends and gets back unchanged have AWS's shape and are not taken apart. */
export interface EcsTag {
  key: string
  value: string
}

export interface Cluster {
  arn: string
  name: string
  status: 'ACTIVE' | 'INACTIVE'
}

export interface ContainerDefinition {
  name: string
  image: string
  essential: boolean
  cpu: number
  memory?: number
  portMappings: { containerPort: number; hostPort?: number; protocol?: string }[]
  environment: { name: string; value: string }[]
  secrets?: { name: string; valueFrom: string }[]
  command?: string[]
  user?: string
  readonlyRootFilesystem?: boolean
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout?: number
  ulimits?: { name: string; softLimit: number; hardLimit: number }[]
  linuxParameters?: { capabilities?: { drop?: string[] } }
  logConfiguration?: { logDriver: string; options?: Record<string, string> }
  /** Times in seconds. */
  healthCheck?: { command: string[]; interval?: number; timeout?: number; retries?: number; startPeriod?: number }
}

export interface TaskDefinition {
  taskDefinitionArn: string
  family: string
  revision: number
  status: 'ACTIVE' | 'INACTIVE'
  containerDefinitions: ContainerDefinition[]
  /** CPU units and MiB, as strings: that is how AWS writes them. */
  cpu: string
  memory: string
  executionRoleArn?: string
  taskRoleArn?: string
  runtimePlatform?: { cpuArchitecture?: string; operatingSystemFamily?: string }
  deregisteredAt?: Date
  tags: EcsTag[]
}

export interface ServiceLoadBalancer {
  targetGroupArn: string
  containerName: string
  containerPort: number
}

export interface NetworkConfiguration {
  awsvpcConfiguration?: { subnets?: string[]; securityGroups?: string[]; assignPublicIp?: string }
}

/** What a deployment brings: the immutable part of a service. */
export interface Revision {
  arn: string
  /** 19 digits; the deployment `ecs-svc/<id>` rolls this revision out, or back. */
  id: string
  taskDefinition: string
  networkConfiguration: NetworkConfiguration
  loadBalancers: ServiceLoadBalancer[]
  platformVersion: string
  createdAt: Date
}

type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'

export interface Deployment {
  id: string
  revision: Revision
  status: 'PRIMARY' | 'ACTIVE'
  rolloutState: RolloutState
  rolloutStateReason: string
  /** Consecutive failed tasks, as AWS counts them: until the first task is healthy. */
  failedTasks: number
  /** A task of this deployment was healthy: the circuit breaker looks no longer. */
  proven: boolean
  /** Failures since a task became healthy, when the last one was, and when the next launch may be tried (ms since 1970). */
  setbacks: number
  lastSetback: number
  launchAfter: number
  createdAt: Date
  updatedAt: Date
}

export type ServiceDeploymentStatus =
  | 'PENDING'
  | 'IN_PROGRESS'
  | 'SUCCESSFUL'
  | 'STOPPED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_SUCCESSFUL'
  | 'ROLLBACK_FAILED'

type MonitorStatus = 'MONITORING' | 'MONITORING_COMPLETE' | 'TRIGGERED' | 'DISABLED'

/** The history of one deployment: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html */
export interface ServiceDeployment {
  arn: string
  service: Service
  source: Revision[]
  target: Revision
  status: ServiceDeploymentStatus
  statusReason?: string
  rollback?: { reason: string; startedAt: Date; serviceRevisionArn: string }
  breaker: {
    status: MonitorStatus
    failureCount: number
    threshold: number
  }
  alarms: {
    status: MonitorStatus
    alarmNames: string[]
    triggeredAlarmNames: string[]
  }
  /** When only the alarms could still fail it, in milliseconds since 1970, and how long they are watched from then on. */
  bake: { since?: number; duration: number }
  createdAt: Date
  startedAt?: Date
  finishedAt?: Date
  stoppedAt?: Date
  updatedAt: Date
}

export interface DeploymentConfiguration {
  deploymentCircuitBreaker: { enable: boolean; rollback: boolean }
  alarms?: { alarmNames: string[]; enable: boolean; rollback: boolean }
  maximumPercent: number
  minimumHealthyPercent: number
  strategy: string
  bakeTimeInMinutes: number
}

export interface Service {
  arn: string
  name: string
  cluster: Cluster
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  desiredCount: number
  deploymentConfiguration: DeploymentConfiguration
  /** Seconds. */
  healthCheckGracePeriodSeconds: number
  availabilityZoneRebalancing: string
  enableECSManagedTags: boolean
  propagateTags: string
  tags: EcsTag[]
  createdAt: Date
  createdBy: string
  /** PRIMARY first. */
  deployments: Deployment[]
  /** Newest first. */
  events: { id: string; createdAt: Date; message: string }[]
  revisions: Revision[]
  /** Newest first. */
  serviceDeployments: ServiceDeployment[]
  /** What a rollback goes back to. */
  lastCompleted?: Revision
  /** Whether the last look found all in place; the event is added once. */
  steady: boolean
}

export type TaskStatus =
  'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED'

export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated'

export interface Task {
  arn: string
  id: string
  cluster: Cluster
  definition: TaskDefinition
  group: string
  startedBy: string
  service: { arn: string; deploymentId: string }
  loadBalancers: ServiceLoadBalancer[]
  tags: EcsTag[]
  lastStatus: TaskStatus
  desiredStatus: 'RUNNING' | 'STOPPED'
  version: number
  attachment: { id: string; networkInterface: string; subnet: string; macAddress: string }
  availabilityZone: string
  /** Address of the container, once it runs. */
  ip?: string
  imageDigest?: string
  runtimeId?: string
  exitCode?: number
  /** The container's own reason, such as OutOfMemoryError. */
  containerReason?: string
  /** Of the task definition's health check; UNKNOWN without one. */
  healthStatus: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'
  stopCode?: StopCode
  stoppedReason?: string
  createdAt: Date
  pullStartedAt?: Date
  pullStoppedAt?: Date
  startedAt?: Date
  stoppingAt?: Date
  executionStoppedAt?: Date
  stoppedAt?: Date
}
