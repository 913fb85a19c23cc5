import { tagsOf } from '../environment/environments.mts'
import type { Place, Target } from '../environment/target.mts'
import { pinned } from '../image/image.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { writeStateFile } from '../script/files.mts'
import { pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { change, read } from '../script/shell.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { describeTaskDefinition, releaseOf, taskPort, type TaskDefinition } from './task-definition.mts'

/** The fields of `aws ecs describe-services` that the toolkit reads. */
export interface Service {
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  taskDefinition: string
  desiredCount: number
  deployments: Deployment[]
  /** Newest first. */
  events: { id: string; createdAt: Time; message: string }[]
  loadBalancers?: { targetGroupArn: string }[]
  deploymentConfiguration?: { alarms?: { alarmNames: string[]; enable: boolean; rollback: boolean } }
}

/** Version 1 of the aws CLI prints seconds since 1970 or ISO 8601, as configured; version 2 prints ISO 8601. */
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

/** The service; undefined when it does not exist (an INACTIVE one is what a deleted service leaves behind). */
export async function describeService({ names }: Pick<Target, 'names'>): Promise<Service | undefined> {
  const described = await read<{ services: Service[] }>({
    // without the stack there is no cluster
    absent: /ClusterNotFoundException/,
  })`aws ecs describe-services --cluster ${names.cluster} --services ${names.service}`
  const service = described?.services[0]
  if (service?.status === 'DRAINING') {
    throw new Failure(
      `the service ${names.service} is being deleted`,
      `aws ecs wait services-inactive --cluster ${names.cluster} --services ${names.service}, then re-run the same command`,
    )
  }
  return service?.status === 'ACTIVE' ? service : undefined
}

/** `websocket-task:12` of its ARN. */
export function revisionName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

/** `12` of its ARN. */
export function revisionNumber(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}

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

export async function readRunningRelease(target: Pick<Target, 'names'>): Promise<RunningRelease | undefined> {
  const service = await describeService(target)
  return service && (await readReleaseOf(service))
}

export async function readReleaseOf(service: Service): Promise<RunningRelease> {
  const taskDefinition = await describeTaskDefinition(service.taskDefinition)
  const [container] = taskDefinition.containerDefinitions
  return {
    service,
    revision: service.taskDefinition,
    taskDefinition,
    deregistered: ['INACTIVE', 'DELETE_IN_PROGRESS'].includes(taskDefinition.status),
    digest: pinned(container?.image ?? '')?.digest ?? '',
    release: releaseOf(taskDefinition),
  }
}

/**
 * Network, load balancer and deployment settings, passed with every update: the service is not in the stack, so
 * CloudFormation would not apply a change of these (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html).
 * @param watched whether the stack's alarms, where it has them, fail the deployment
 */
export function serviceSettings(
  { names, settings }: Pick<Target, 'names' | 'settings'>,
  outputs: StackOutputs,
  watched = true,
) {
  const alarmNames = outputs.DeploymentAlarmNames?.split(',')
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
    // else ECS may replace healthy tasks at any time; a deployment spreads them over the zones
    availabilityZoneRebalancing: 'DISABLED',
    deploymentConfiguration: {
      // new tasks before old ones stop, and a rollback when they do not come up
      deploymentCircuitBreaker: { enable: true, rollback: true },
      ...(alarmNames && { alarms: { alarmNames, enable: watched, rollback: watched } }),
      minimumHealthyPercent: 100,
      maximumPercent: 200,
    },
    enableECSManagedTags: true,
    // of the revision: a service that was created without tags has none to pass on
    propagateTags: 'TASK_DEFINITION',
  }
}

/**
 * Makes the service run a task definition: creates it with the configured number of tasks, or forces a new deployment.
 * @param watched false for a way back: the release that is left may set an alarm off, and ECS would bring it back
 */
export async function deployService(
  target: Deployed,
  outputs: StackOutputs,
  taskDefinitionArn: string,
  existing: Service | undefined,
  { watched } = { watched: true },
): Promise<void> {
  const { environment, names, settings } = target
  const { availabilityZoneRebalancing, ...others } = serviceSettings(target, outputs, watched)
  const set = async (given: object) => {
    const input = `file://${writeStateFile(environment, 'service.json', given)}`
    const service = existing ?? (await createService(target, taskDefinitionArn, input))
    if (!service) return undefined
    const updated =
      await change`aws ecs update-service --service ${names.service} --task-definition ${taskDefinitionArn} --force-new-deployment --cli-input-json ${input} --query service.serviceArn`
    if (updated.exitCode !== 0) throw updated.failed()
    return service
  }
  const updated = await set({ ...others, availabilityZoneRebalancing }).catch((error: unknown) => {
    // an `aws` older than November 2024 refuses it, before it asks AWS
    if (/Unknown parameter in input: "availability/.test(String(error))) return set(others)
    throw error
  })
  if (updated && updated.desiredCount !== Number(settings.TASK_COUNT)) {
    say(`the service keeps ${updated.desiredCount} tasks; TASK_COUNT=${settings.TASK_COUNT} applies when it is created`)
  }
}

type Deployed = Place & Pick<Target, 'settings' | 'local'>

/** Creates the service. Returns the one that someone else has created in the meantime, if any; `aws` calls twice when an answer is lost. */
async function createService(target: Deployed, taskDefinitionArn: string, input: string): Promise<Service | undefined> {
  const { names, settings } = target
  const tags = Object.entries(tagsOf(names)).map(([key, value]) => `key=${key},value=${value}`)
  for (let attempt = 1; ; attempt++) {
    const created =
      await change`aws ecs create-service --service-name ${names.service} --task-definition ${taskDefinitionArn} --desired-count ${settings.TASK_COUNT} --launch-type FARGATE --tags ${tags} --cli-input-json ${input} --query service.serviceArn`
    if (created.exitCode === 0) return undefined
    // the first service of an account makes ECS's role, which takes a moment to be known everywhere
    if (/service.linked role/i.test(created.stderr) && attempt < 6) {
      say('the service-linked role of ECS is not ready yet: trying again')
      await pause(target.local ? 300 : 10_000)
      continue
    }
    const existing = /not idempotent|already exists/i.test(created.stderr) ? await describeService(target) : undefined
    if (!existing) throw created.failed()
    return existing.taskDefinition === taskDefinitionArn ? undefined : existing
  }
}

/** The command that shows the tasks' output; `aws logs tail` needs a region, and not every aws has it. */
export function logsCommand({ environment }: Pick<Target, 'environment'>): string {
  return invocation('logs', environment, '--no-follow')
}
