import type { Target } from '../environment/target.mts'
import { read } from '../script/shell.mts'
import { timeOf, type Time } from './service.mts'

/** A task, as far as the toolkit reads it. */
export interface Task {
  taskArn: string
  taskDefinitionArn: string
  stoppedReason?: string
  createdAt?: Time
  /** Id of the deployment that started it. */
  startedBy?: string
  containers: { name?: string; exitCode?: number; reason?: string; imageDigest?: string }[]
}

/** Tasks of a revision, running or stopped, newest first. ECS forgets stopped ones after about an hour. */
export async function tasksOf(
  { names }: Pick<Target, 'names'>,
  taskDefinition: string,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  const { taskArns } = await read<{
    taskArns: string[]
  }>`aws ecs list-tasks --cluster ${names.cluster} --service-name ${names.service} --desired-status ${desiredStatus}`
  if (taskArns.length === 0) return []
  const { tasks } = await read<{
    tasks: Task[]
  }>`aws ecs describe-tasks --cluster ${names.cluster} --tasks ${taskArns.slice(0, 100)}`
  return newestFirst(tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === taskDefinition))
}

/** The tasks of the deployment that started the newest of these and the other tasks: an earlier deployment may have tried the same revision. */
export function tasksOfLatestDeployment(tasks: Task[], others: Task[]): Task[] {
  const [latest] = newestFirst([...tasks, ...others])
  return tasks.filter(({ startedBy }) => startedBy === latest?.startedBy)
}

function newestFirst(tasks: Task[]): Task[] {
  const created = ({ createdAt = 0 }: Task) => timeOf(createdAt).getTime()
  return tasks.toSorted((one, other) => created(other) - created(one))
}

/** Without the tasks that ECS stopped because it wanted fewer. */
export function failedTasks(tasks: Task[]): Task[] {
  return tasks.filter(({ stoppedReason = '' }) => !stoppedReason.startsWith('Scaling activity initiated'))
}

/** Why tasks stopped, equal reasons counted together: `3 × Essential container in task exited (exit code 1)`. */
export function stoppedReasons(tasks: Pick<Task, 'stoppedReason' | 'containers'>[]): string[] {
  const counted = new Map<string, number>()
  for (const { stoppedReason = 'stopped without a reason', containers } of tasks) {
    const details = containers.flatMap(({ exitCode, reason }) => [
      // a container that could not be started has the task's own reason
      ...(reason && reason !== stoppedReason ? [reason] : []),
      ...(exitCode === undefined || exitCode === null ? [] : [`exit code ${exitCode}`]),
    ])
    const line = stoppedReason + (details.length ? ` (${details.join(', ')})` : '')
    counted.set(line, (counted.get(line) ?? 0) + 1)
  }
  return [...counted].map(([line, count]) => `${count} × ${line}`)
}

interface TargetDescription {
  Target: { Id: string; Port?: number }
  TargetHealth: { State: string; Reason?: string; Description?: string }
}

/** The targets of the load balancer and the health of each. */
export async function describeTargets(targetGroup: string): Promise<TargetDescription[]> {
  const { TargetHealthDescriptions } = await read<{
    TargetHealthDescriptions: TargetDescription[]
  }>`aws elbv2 describe-target-health --target-group-arn ${targetGroup}`
  return TargetHealthDescriptions
}
