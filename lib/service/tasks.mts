import type { Target } from '../environment/target.mts'
import { Failure } from '../script/failure.mts'
import { openWebSocket, request } from '../script/http.mts'
import { eventually } from '../script/job.mts'
import { detail } from '../script/narration.mts'
import { read } from '../script/shell.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { logsCommand, timeOf, type Time } from './service.mts'

/** A task, as far as the toolkit reads it. */
export interface Task {
  taskArn: string
  taskDefinitionArn: string
  stoppedReason?: string
  createdAt?: Time
  /** Id of the deployment that started it. */
  startedBy?: string
  containers: { exitCode?: number; reason?: string; imageDigest?: string }[]
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

/** The revision that must be live. */
export interface Expected {
  /** ARN of the task definition. */
  revision: string
  digest: string
  release: string
}

/**
 * Verifies that the new version answers: every target is healthy, the running digest is the pushed one, /health reports the
 * release, and a WebSocket opens. Fails with the first check that does not pass.
 */
export async function verifyBackend(target: Target, outputs: StackOutputs, expected: Expected): Promise<void> {
  const { loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  const remedy = logsCommand(target)
  // a new load balancer's name takes a while to be known everywhere
  const patience = target.local ? { within: 10_000, every: 500 } : { within: 120_000, every: 2000 }

  const healthy = await eventually(() => requireHealthyTargets(outputs.TargetGroupArn), patience)
  detail(`targets    ${healthy} of ${healthy} healthy`)

  const tasks = await tasksOf(target, expected.revision, 'RUNNING')
  const digests = new Set(tasks.map(({ containers }) => containers[0]?.imageDigest))
  if (digests.size !== 1 || !digests.has(expected.digest)) {
    throw new Failure(
      `the tasks run ${[...digests].join(', ') || 'nothing'}, not the pushed ${expected.digest}`,
      remedy,
    )
  }
  detail(`digest     ${expected.digest} runs, as pushed`)

  await eventually(() => requireRelease(`${loadBalancer}/health`, expected.release), patience)
  detail(`health     ${loadBalancer}/health reports ${expected.release}`)

  await eventually(() => openWebSocket(loadBalancerWebSocket), patience)
  detail(`WebSocket  ${loadBalancerWebSocket} opens`)
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

/** Returns their number, without those that are draining. */
async function requireHealthyTargets(targetGroup: string): Promise<number> {
  const serving = (await describeTargets(targetGroup)).filter(({ TargetHealth }) => TargetHealth.State !== 'draining')
  const unhealthy = serving.find(({ TargetHealth }) => TargetHealth.State !== 'healthy')
  const remedy = `aws elbv2 describe-target-health --target-group-arn ${targetGroup}`
  if (unhealthy) {
    const { State, Reason = '', Description = '' } = unhealthy.TargetHealth
    throw new Failure(`target ${unhealthy.Target.Id} is ${State}: ${Reason} ${Description}`.trim(), remedy)
  }
  if (serving.length === 0) throw new Failure('the load balancer has no target', remedy)
  return serving.length
}

async function requireRelease(url: string, expected: string): Promise<void> {
  const answer = await request(url)
  const body = await answer.text()
  if (!answer.ok || !body.includes(`"release":${JSON.stringify(expected)}`)) {
    throw new Failure(
      `${url} answers ${answer.status}, not release ${expected}: ${body.slice(0, 200)}`,
      `curl -i ${url}`,
    )
  }
}
