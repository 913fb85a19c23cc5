import { account } from '../settings.ts'
import type { Deployment, Service } from './model.ts'
import type { Records } from './records.ts'

/** A service as DescribeServices shows it. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html */
export function describeService(service: Service, records: Records, withTags = false) {
  const tasks = records.tasksOf(service)
  const current = service.deployments[0]?.revision ?? service.revisions.at(-1)
  const { running, pending } = countTasks(tasks)
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    taskDefinition: current?.taskDefinition,
    loadBalancers: current?.loadBalancers ?? [],
    networkConfiguration: current?.networkConfiguration,
    platformVersion: current?.platformVersion,
    platformFamily: 'Linux',
    launchType: 'FARGATE',
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: service.deploymentConfiguration,
    deployments: service.deployments.map((deployment) => describeDeployment(service, deployment, records)),
    currentServiceDeployment: service.serviceDeployments[0]?.arn,
    roleArn: `arn:aws:iam::${account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    events: service.events,
    createdAt: service.createdAt,
    createdBy: service.createdBy,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    serviceRegistries: [],
    placementConstraints: [],
    placementStrategy: [],
    enableECSManagedTags: service.enableECSManagedTags,
    enableExecuteCommand: false,
    propagateTags: service.propagateTags,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    tags: withTags ? service.tags : undefined,
  }
}

function describeDeployment(service: Service, deployment: Deployment, records: Records) {
  const tasks = records.tasksOf(service).filter((task) => task.service.deploymentId === deployment.id)
  const { running, pending, wanted } = countTasks(tasks)
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.revision.taskDefinition,
    // an old deployment wants what it still has: its tasks leave one by one
    desiredCount: deployment.status === 'PRIMARY' ? service.desiredCount : wanted,
    runningCount: running,
    pendingCount: pending,
    failedTasks: deployment.failedTasks,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    networkConfiguration: deployment.revision.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  }
}

/** Running: in the state RUNNING. Pending: on the way there. Wanted: not stopping. */
export function countTasks(tasks: { lastStatus: string; desiredStatus: string }[]) {
  const wanted = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
  return {
    running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pending: wanted.filter(({ lastStatus }) => lastStatus !== 'RUNNING').length,
    wanted: wanted.length,
  }
}
