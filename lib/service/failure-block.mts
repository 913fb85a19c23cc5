import { askWithin } from '../script/asking.mts'
import type { Target } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { differenceLine, differences, type Difference } from '../script/differences.mts'
import { isSurvivable } from '../script/job.mts'
import { withoutSecrets } from '../script/secret-lines.mts'
import { read } from '../script/shell.mts'
import { hintFor } from './failure-hints.mts'
import { logsCommand, revisionName, timeOf, type RunningRelease, type Service } from './service.mts'
import { comparable, describeTaskDefinition } from './task-definition.mts'
import {
  describeTargets,
  failedTasks,
  stoppedReasons,
  listTasks,
  tasksOfLatestDeployment,
  type Task,
} from './tasks.mts'

const lastLines = 20
const lastEvents = 8
// copilot-cli looks for the same words
const isRelevant = /fail|unhealthy|error|throttl|unable|missing|alarm|rolling back/i

/**
 * Why a rollout failed: the reasons of its tasks, the last lines of the newest failed one, target health, events, what
 * changed, a hint, and commands to investigate further. A query that fails is reported in its section: it must not hide
 * the verdict. Call this at once, since ECS forgets.
 */
export async function explainFailure(
  target: Target,
  taskDefinition: string,
  previous: RunningRelease | undefined,
  service: Service | undefined,
): Promise<string[]> {
  const { names } = target
  const seen = new Set(previous?.service.events.map(({ id }) => id))
  const events = (service?.events ?? []).filter(({ id, message }) => !seen.has(id) && isRelevant.test(message))
  const targetGroup = service?.loadBalancers?.[0]?.targetGroupArn
  const [stopped, running] = await Promise.all([
    getAnswerOrProblem(() => listTasks(target, taskDefinition, 'STOPPED')),
    getAnswerOrProblem(() => listTasks(target, taskDefinition, 'RUNNING')),
  ])
  const failed = failedTasks(tasksOfLatestDeployment(stopped.found ?? [], running.found ?? []))
  const tasks = [...failed, ...(running.found ?? [])]
  const [log, targets, changes] = await Promise.all([
    getAnswerOrProblem(async () => (tasks[0] ? await readLastLogLines(target, tasks[0]) : [])),
    getAnswerOrProblem(async () => (targetGroup ? await listUnhealthyTargets(targetGroup) : [])),
    getAnswerOrProblem(() => listChangesSince(previous, taskDefinition)),
  ])
  const reasons = stopped.found ? stoppedReasons(failed) : stopped.problem
  const latest = events.slice(0, lastEvents).toReversed()
  const hint = hintFor([...reasons, ...linesOf(targets), ...events.map(({ message }) => message), ...linesOf(log)])
  return [
    ...section('tasks stopped', reasons),
    ...section(`last lines of task ${tasks[0] ? shortId(tasks[0]) : ''}`, linesOf(log)),
    ...section('target health', linesOf(targets)),
    ...section(
      'service events',
      latest.map(({ createdAt, message }) => `${timeOf(createdAt).toISOString().slice(11, 19)} ${message}`),
    ),
    ...section(previous ? `changed since ${revisionName(previous.revision)}` : '', linesOf(changes)),
    ...section('hint', hint ? [hint] : []),
    ...section('look further', [
      logsCommand(target),
      `aws ecs describe-services --cluster ${names.cluster} --services ${names.service} --query 'services[0].events[:10].message'`,
      ...(tasks[0] ? [`aws ecs describe-tasks --cluster ${names.cluster} --tasks ${tasks[0].taskArn}`] : []),
      ...(targetGroup ? [`aws elbv2 describe-target-health --target-group-arn ${targetGroup}`] : []),
      invocation('debug', target.environment),
    ]),
  ]
}

interface Answer<T> {
  found?: T
  /** Why there is no answer. */
  problem: string[]
}

async function getAnswerOrProblem<T>(query: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { found: await askWithin(60_000, query), problem: [] }
  } catch (error) {
    if (!isSurvivable(error)) throw error
    return { problem: [`could not be read: ${error.message}`] }
  }
}

function linesOf({ found, problem }: Answer<string[]>): string[] {
  return found ?? problem
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)]
}

function shortId({ taskArn }: Task): string {
  return idOf(taskArn).slice(0, 8)
}

function idOf(taskArn: string): string {
  return taskArn.slice(taskArn.lastIndexOf('/') + 1)
}

/** Streams are named `prefix/container/task`. */
async function readLastLogLines({ names }: Target, { taskArn }: Task): Promise<string[]> {
  const stream = `websocket/${names.container}/${idOf(taskArn)}`
  const written = await read<{ events: { message: string }[] }>({
    ifEmpty: { events: [] },
    // the task failed before it wrote anything
    absent: /ResourceNotFoundException/,
  })`aws logs get-log-events --log-group-name ${names.logGroup} --log-stream-name ${stream} --limit ${lastLines}`
  const lines = (written?.events ?? []).flatMap(({ message }) => message.trimEnd().split('\n'))
  // the block is also sent to Slack, and kept by CI
  return withoutSecrets(lines.slice(-lastLines))
}

async function listUnhealthyTargets(targetGroup: string): Promise<string[]> {
  const targets = await describeTargets(targetGroup)
  return targets
    .filter(({ TargetHealth }) => TargetHealth.State !== 'healthy')
    .map(({ Target: { Id, Port = '' }, TargetHealth: { State, Reason, Description } }) =>
      [`${Id}:${Port} ${State}`, Reason, Description].filter(Boolean).join(': '),
    )
}

async function listChangesSince(previous: RunningRelease | undefined, taskDefinition: string): Promise<string[]> {
  if (!previous || previous.revision === taskDefinition) return []
  const tried = await describeTaskDefinition(taskDefinition)
  return withoutValues(differences(comparable(previous.taskDefinition), comparable(tried)))
}

/** Differences for a reader: only the name of an environment variable, since its value may be a secret. */
export function withoutValues(changes: Difference[]): string[] {
  return changes.map((change) => {
    const path = change.path.replace(/^containerDefinitions\.[^.]+\./, '')
    const [, variable] = /^environment\.(.+)$/.exec(path) ?? []
    if (!variable) {
      const line = differenceLine({ ...change, path })
      return path === 'image' ? line.replaceAll(/\S+@(sha256:)/g, '$1') : line
    }
    if (change.from === undefined) return `environment: ${variable} is new`
    return `environment: ${variable} ${change.to === undefined ? 'is gone' : 'changed'}`
  })
}
