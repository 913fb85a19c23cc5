import type { Target } from '../environment/target.mts'
import { read } from '../script/shell.mts'
import { logsCommand, timeOf, type Time } from './service.mts'
import { isRefusedByCdn, openWebSocket, requestText, retryUntilAnswered } from '../script/asking.mts'
import { Failure, Unanswered } from '../script/failure.mts'
import { currentJob, pause } from '../script/job.mts'
import { sayDetail } from '../script/narration.mts'
import { backendAddresses, type StackOutputs } from '../stack/stack.mts'

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
export async function listTasks(
  { names }: Pick<Target, 'names'>,
  taskDefinition: string,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  const { taskArns } = await read<{ taskArns: string[] }>({
    ifEmpty: { taskArns: [] },
  })`aws ecs list-tasks --cluster ${names.cluster} --service-name ${names.service} --desired-status ${desiredStatus}`
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

/** The revision that must be live. */
export interface Expected {
  /** ARN of the task definition. */
  revision: string
  digest: string
  release: string
}

interface Patience {
  within: number
  every: number
}

/** What was seen to be wrong; undefined when all is as it should be. */
type Fault = Failure | undefined

/**
 * Looks whether the new version answers: every target is healthy, the running digest is the pushed one, /health reports
 * the release, and a WebSocket opens. Returns what was seen to be wrong. Fails when a question was not answered: that says
 * nothing about the version.
 */
export async function findFault(
  target: Target,
  outputs: StackOutputs,
  expected: Expected,
  // a new load balancer's name takes a while to be known everywhere
  patience = target.local ? { within: 10_000, every: 500 } : { within: 120_000, every: 2000 },
): Promise<Fault> {
  const { backend, backendWebSocket } = backendAddresses(outputs)
  const looks = await Promise.allSettled([
    lookAgain(() => findFaultOfTargets(outputs.TargetGroupArn), patience),
    findFaultOfTasks(target, expected, patience),
    lookAgain(() => findFaultOfRelease(`${backend}/health`, expected.release), patience),
    lookAgain(() => findFaultOfWebSocket(backendWebSocket), patience),
  ])
  currentJob().signal.throwIfAborted()
  const fault = looks.map((look) => look.status === 'fulfilled' && look.value).find(Boolean)
  if (fault) return fault
  for (const look of looks) if (look.status === 'rejected') throw look.reason
  return undefined
}

/** Looks again while something is wrong or nobody answers. */
async function lookAgain(look: () => Promise<Fault>, { within, every }: Patience): Promise<Fault> {
  const deadline = Date.now() + within
  for (;;) {
    const fault = await retryUntilAnswered(look, { within: deadline - Date.now(), every })
    if (!fault || Date.now() + every > deadline) return fault
    await pause(every)
  }
}

/** Targets that are draining belong to the old version. */
async function findFaultOfTargets(targetGroup: string): Promise<Fault> {
  const serving = (await describeTargets(targetGroup)).filter(({ TargetHealth }) => TargetHealth.State !== 'draining')
  const unhealthy = serving.find(({ TargetHealth }) => TargetHealth.State !== 'healthy')
  const remedy = `aws elbv2 describe-target-health --target-group-arn ${targetGroup}`
  if (unhealthy) {
    const { State, Reason = '', Description = '' } = unhealthy.TargetHealth
    return new Failure(`target ${unhealthy.Target.Id} is ${State}: ${Reason} ${Description}`.trim(), remedy)
  }
  if (serving.length === 0) return new Failure('the load balancer has no target', remedy)
  sayDetail(`targets    ${serving.length} of ${serving.length} healthy`)
  return undefined
}

/** A wrong image is looked at once: it does not become the right one. Where there is none, ECS may know it late. */
async function findFaultOfTasks(target: Target, { revision, digest }: Expected, patience: Patience): Promise<Fault> {
  const ask = async () =>
    runningDigests(target, await retryUntilAnswered(() => listTasks(target, revision, 'RUNNING'), patience))
  let digests = await ask()
  for (let again = 0; digests.length === 0 && again < 2; again++) {
    await pause(patience.every)
    digests = await ask()
  }
  const found = digests.join(', ') || 'nothing'
  if (found !== digest) return new Failure(`the tasks run ${found}, not the pushed ${digest}`, logsCommand(target))
  sayDetail(`digest     ${digest} runs, as pushed`)
  return undefined
}

/** The digests of our container, each once. A task that is starting has none yet, and AWS may add containers of its own. */
export function runningDigests({ names }: Pick<Target, 'names'>, tasks: Task[]): string[] {
  const digests = tasks.flatMap(({ containers }) => {
    const ours = containers.find(({ name }) => name === names.container) ?? containers[0]
    return ours?.imageDigest ?? []
  })
  return [...new Set(digests)]
}

async function findFaultOfRelease(url: string, expected: string): Promise<Fault> {
  const { ok, status, server, body } = await requestText(url)
  if (isRefusedByCdn(status, server)) throw new Unanswered(`${url} answers ${status}`, `curl -i ${url}`)
  if (!ok || !body.includes(`"release":${JSON.stringify(expected)}`)) {
    return new Failure(`${url} answers ${status}, not release ${expected}: ${body.slice(0, 200)}`, `curl -i ${url}`)
  }
  sayDetail(`health     ${url} reports ${expected}`)
  return undefined
}

async function findFaultOfWebSocket(url: string): Promise<Fault> {
  try {
    await openWebSocket(url)
  } catch (error) {
    if (error instanceof Unanswered || !(error instanceof Failure)) throw error
    return error
  }
  sayDetail(`WebSocket  ${url} opens`)
  return undefined
}
