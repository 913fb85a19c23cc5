import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation'
import type { Place, Target } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root, stateFile } from '../script/files.mts'
import { currentJob, uninterruptible } from '../script/job.mts'
import { echo, say } from '../script/narration.mts'
import { probe, run } from '../script/shell.mts'
import { timed } from '../script/timeline.mts'
import { asFailure, checkedOutputs, describeStack, type StackOutputs } from './stack.mts'

/*
 * Every line of cdk. `app` is the directory of the CDK app, another one than this checkout's for an older commit.
 */

const ourApp = join(root, 'infrastructure')

/** Whether `cdk bootstrap` was run in the account and region, under whatever name its stack has. */
export async function isBootstrapped(): Promise<boolean> {
  const toolkit = await describeStack('CDKToolkit')
  if (/^(CREATE|UPDATE)_COMPLETE$/.test(toolkit?.StackStatus ?? '')) return true
  // what cdk itself asks; half a second slower
  const version = await probe`aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version`
  if (version.exitCode !== 0 && !/ParameterNotFound/.test(version.stderr)) throw version.failed()
  return version.exitCode === 0
}

/** Bootstraps the account and region, once. From the root, where there is no app that cdk would synthesize for it. */
export async function ensureBootstrapped({ account, region }: Pick<Target, 'account' | 'region'>): Promise<void> {
  if (await isBootstrapped()) return
  await timed('CDK Bootstrap', () => run`cdk bootstrap aws://${account}/${region}`)
}

/**
 * What `cdk diff` prints about the environment's stack: the template here against the deployed one. Without a change set,
 * which would be a write; that a change replaces a resource is then judged from the template alone.
 */
export async function stackDiff(place: Place, app = ourApp): Promise<string> {
  const { exitCode, stdout, stderr, failed } = await probe({
    shown: true,
    cwd: app,
    env: { NO_COLOR: '1', FORCE_COLOR: undefined },
  })`cdk diff ${stackIn(place)} --no-change-set`
  if (exitCode !== 0) throw failed()
  // cdk has moved the diff from one to the other before
  return `${stdout}\n${stderr}`.trim()
}

/** Whether cdk's text names a change. */
export function hasChanges(diff: string): boolean {
  return !/Number of stacks with differences: 0|There were no differences/.test(diff)
}

/**
 * Deploys the stack, and has cdk write the outputs for `readOutputs`. Fails with the resource that a failure began with.
 * @param before the stack as it was found; undefined when there was none
 */
export async function deployStack(place: Place, before: Stack | undefined, app = ourApp): Promise<void> {
  const outputs = relative(app, join(root, outputsFile(place)))
  try {
    await run({ cwd: app })`cdk deploy ${stackIn(place)} --require-approval never --outputs-file ${outputs}`
  } catch (error) {
    throw await withCause(error, place, before)
  }
}

/** Undoes an operation that failed and was left half-way. */
export async function undoOperation(place: Place): Promise<void> {
  await run({ cwd: ourApp })`cdk rollback ${stackIn(place)}`
}

/** Deletes the stack and follows that. cdk exits with 0 also when CloudFormation has kept the stack. */
export async function destroyStack(place: Place): Promise<void> {
  await run({ cwd: ourApp })`cdk destroy ${stackIn(place)} --force`
}

/** The outputs that `cdk deploy` wrote. */
export function readOutputs(place: Place): StackOutputs {
  const { environment, names } = place
  const stacks = JSON.parse(readFileSync(join(root, outputsFile(place)), 'utf8'))
  return checkedOutputs(stacks[names.stack] ?? {}, names.stack, invocation('infrastructure', environment))
}

function stackIn({ environment, names }: Place): string[] {
  return [names.stack, '--context', `environment=${environment}`]
}

function outputsFile({ environment }: Place): string {
  return stateFile(environment, 'outputs.json')
}

/** The failure of `cdk deploy`, named by the resource that it began with instead of by cdk's last two hundred lines. */
async function withCause(error: unknown, { environment, names }: Place, before: Stack | undefined): Promise<unknown> {
  if (!(error instanceof Failure)) return error
  if (currentJob().signal.aborted) {
    await sayWhatContinues(names.stack)
    return error
  }
  if (error.exitCode !== 1) return error
  const event = await firstFailure(names.stack, before?.LastUpdatedTime ?? before?.CreationTime)
  if (!event) return error
  const again = invocation('infrastructure', environment)
  const isNew = before === undefined || before.StackStatus === 'ROLLBACK_COMPLETE'
  return new Failure(
    `the stack ${names.stack} failed: ${event}`,
    isNew && /already exists/i.test(event)
      ? `a previous stack may have left it behind. List what is left: ${invocation('destroy', environment, '--dry-run')}. Delete it: ${invocation('destroy', environment, '--data')}. Then: ${again}`
      : `fix that, then: ${again}`,
  )
}

/** Where cdk was stopped, CloudFormation may be at work. */
async function sayWhatContinues(stack: string): Promise<void> {
  try {
    const state = await uninterruptible(5_000, () => describeStack(stack))
    if (state?.StackStatus?.endsWith('_IN_PROGRESS'))
      say(`CloudFormation continues: ${stack} is in ${state.StackStatus}; the next run waits for it`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    say(`warning: CloudFormation may continue with ${stack}: ${error.message}`)
  }
}

/**
 * The event that the stack's latest operation failed with: the first one, since what follows is only "cancelled".
 * Undefined when that operation did not begin after `before`, the stack's time before this run: then it is not ours.
 */
export async function firstFailure(stack: string, before: Date | undefined): Promise<string | undefined> {
  const { CloudFormationClient, paginateDescribeStackEvents } = await import('@aws-sdk/client-cloudformation')
  echo(`aws cloudformation describe-stack-events --stack-name ${stack}`)
  const events: StackEvent[] = []
  try {
    for await (const page of paginateDescribeStackEvents(
      { client: new CloudFormationClient({}) },
      { StackName: stack },
    )) {
      events.push(...(page.StackEvents ?? []))
      if (events.some(beginsOperation)) break
    }
  } catch (error) {
    if (/does not exist/.test(String(error))) return undefined
    throw asFailure('describe-stack-events', error)
  }
  return failureOf(events, before)
}

/** Of events, newest first: how the latest operation began to fail. */
export function failureOf(events: StackEvent[], before: Date | undefined): string | undefined {
  const began = events.findIndex(beginsOperation)
  const start = events[began]?.Timestamp
  // the stack's time and the event that wrote it are some milliseconds apart
  if (!start || (before && start.getTime() <= before.getTime() + 1000)) return undefined
  const first = events
    .slice(0, began)
    .findLast(
      ({ ResourceStatus, ResourceStatusReason }) =>
        ResourceStatus?.endsWith('_FAILED') && !/cancelled/i.test(ResourceStatusReason ?? ''),
    )
  if (!first) return undefined
  const { LogicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason } = first
  return `${LogicalResourceId} (${ResourceType}) ${ResourceStatus}: ${ResourceStatusReason ?? 'no reason given'}`
}

function beginsOperation({ PhysicalResourceId, StackId, ResourceStatus }: StackEvent): boolean {
  return PhysicalResourceId === StackId && /^(CREATE|UPDATE|IMPORT|DELETE)_IN_PROGRESS$/.test(ResourceStatus ?? '')
}
