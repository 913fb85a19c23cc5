import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { invocation, settingLine } from '../script/invocation.mts'
import { say } from '../script/narration.mts'
import { read, root, run } from '../script/shell.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import { stateFile } from '../script/state-file.mts'
import type { Target } from '../environment/target.mts'
import { taskPort, type TaskDefinition } from './task-definition.mts'

/** What `aws ecs describe-services` tells, as far as the toolkit reads it. */
export interface Service {
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  taskDefinition: string
  desiredCount: number
  deployments: Deployment[]
  /** Newest first. */
  events: { id: string; createdAt: Time; message: string }[]
  loadBalancers?: { targetGroupArn: string }[]
}

/** Version 1 of the aws CLI writes seconds since 1970, version 2 ISO 8601. */
export type Time = string | number

export function timeOf(time: Time): Date {
  return new Date(typeof time === 'number' ? time * 1000 : time)
}

export interface Deployment {
  id: string
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE'
  taskDefinition: string
  createdAt?: Time
  desiredCount: number
  pendingCount: number
  runningCount: number
  failedTasks?: number
  rolloutState?: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  rolloutStateReason?: string
}

type Scope = Pick<Target, 'environment' | 'names' | 'settings'>

/** The service; undefined when it does not exist (an INACTIVE one is what a deleted service leaves behind). */
export async function describeService({ names }: Pick<Target, 'names'>): Promise<Service | undefined> {
  const { services } = await read<{
    services: Service[]
  }>`aws ecs describe-services --cluster ${names.cluster} --services ${names.service}`
  const [service] = services
  if (service?.status === 'DRAINING') {
    throw new Failure(
      `the service ${names.service} is being deleted`,
      `aws ecs wait services-inactive --cluster ${names.cluster} --services ${names.service}, then run it again`,
    )
  }
  return service?.status === 'ACTIVE' ? service : undefined
}

/** `websocket-task:12` of its ARN. */
export function revisionName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

/** The task definition that an ARN names. */
export async function describeTaskDefinition(arn: string): Promise<TaskDefinition & { status?: string }> {
  const { taskDefinition } = await read<{
    taskDefinition: TaskDefinition & { status?: string }
  }>`aws ecs describe-task-definition --task-definition ${arn}`
  return taskDefinition
}

/** Registers a revision and returns its ARN; in a dry run the family, which stands for its next revision. */
export async function registerTaskDefinition({ environment }: Scope, definition: TaskDefinition): Promise<string> {
  const file = written(environment, 'task-definition.json', definition)
  const standIn = { taskDefinition: { taskDefinitionArn: definition.family } }
  const { taskDefinition } = await read({
    standIn,
  })`aws ecs register-task-definition --cli-input-json ${`file://${file}`}`
  return taskDefinition.taskDefinitionArn
}

/**
 * Network, load balancer and deployment settings, passed anew with every update: CloudFormation does not know the
 * service, and would not carry a change of these over (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html).
 */
export function serviceSettings({ names, settings }: Pick<Target, 'names' | 'settings'>, outputs: StackOutputs) {
  return {
    cluster: names.cluster,
    platformVersion: 'LATEST',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: outputs.TaskSubnetIds.split(','),
        securityGroups: [outputs.TaskSecurityGroupId],
        assignPublicIp: 'DISABLED',
      },
    },
    loadBalancers: [
      { targetGroupArn: outputs.TargetGroupArn, containerName: names.container, containerPort: taskPort },
    ],
    healthCheckGracePeriodSeconds: Number(settings.HEALTH_CHECK_GRACE_SECONDS),
    deploymentConfiguration: {
      // new before old, and back to what ran when the new one does not come up
      deploymentCircuitBreaker: { enable: true, rollback: true },
      minimumHealthyPercent: 100,
      maximumPercent: 200,
    },
    enableECSManagedTags: true,
    propagateTags: 'SERVICE',
  }
}

/** Lets the service run a task definition: creates it with the configured number of tasks, or forces a new deployment. */
export async function deployService(
  target: Scope,
  outputs: StackOutputs,
  taskDefinitionArn: string,
  existing: Service | undefined,
): Promise<void> {
  const { environment, names, settings } = target
  const input = `file://${written(environment, 'service.json', serviceSettings(target, outputs))}`
  if (existing) {
    await run`aws ecs update-service --service ${names.service} --task-definition ${taskDefinitionArn} --force-new-deployment --cli-input-json ${input} --query service.serviceArn`
    if (existing.desiredCount !== Number(settings.TASK_COUNT)) {
      say(
        `the service keeps ${existing.desiredCount} tasks; TASK_COUNT=${settings.TASK_COUNT} applies when it is created`,
      )
    }
  } else {
    await run`aws ecs create-service --service-name ${names.service} --task-definition ${taskDefinitionArn} --desired-count ${settings.TASK_COUNT} --launch-type FARGATE --cli-input-json ${input} --query service.serviceArn`
  }
}

/** Where the tasks' output is: `aws logs tail` asks for a region, and not every aws has it. */
export function logsCommand({ environment }: Pick<Target, 'environment'>): string {
  return invocation('logs', environment, '--no-follow')
}

/** The line that sets the service back to what it ran until now; where that revision is gone, the one that lists others. */
export function undo(
  { environment }: Pick<Target, 'environment'>,
  { revision, deregistered }: { revision: string; deregistered: boolean },
): string {
  return deregistered
    ? `${invocation('revisions', environment)} to choose a revision; ${revisionName(revision)} was deregistered`
    : settingLine('rollback', environment, 'REV', revision.split(':').at(-1)!)
}

function written(environment: Scope['environment'], name: string, content: object): string {
  const file = stateFile(environment, name)
  writeFileSync(join(root, file), JSON.stringify(content, null, 2) + '\n')
  return file
}
