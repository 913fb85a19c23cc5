import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Stack } from '@aws-sdk/client-cloudformation'
import { readAwsIdentity } from '../environment/identity.mts'
import type { Destination, Place } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { Failure, resume } from '../script/failure.mts'
import { root, makeRunDirectory, stateFile } from '../script/files.mts'
import { currentJob, runUninterrupted } from '../script/job.mts'
import { say, timeStage } from '../script/narration.mts'
import { probe, read, run } from '../script/shell.mts'
import { findFirstFailure } from './events.mts'
import { requireOutputs, describeStack, type StackOutputs } from './stack.mts'
import { isNew } from './state.mts'

/*
 * Every line of cdk. `app` is the directory of the CDK app, another one than this checkout's for an older commit.
 */

const ourApp = join(root, 'infrastructure')

/** The stack of an environment, and what it cannot know itself. */
export interface StackOf extends Place {
  /** The restored table in use: alarm and dashboard watch that one. Undefined: the stack's own. */
  restoredTable?: string | undefined
  /** Under termination protection, what a creation that failed leaves could not be deleted. */
  unprotected?: true
}

/** Version of the bootstrap of the account and region, under whatever name its stack has; undefined: there is none. */
export async function readBootstrapVersion(): Promise<number | undefined> {
  const toolkit = await describeStack('CDKToolkit')
  const output = toolkit?.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')
  if (output && /^(CREATE|UPDATE)_COMPLETE$/.test(toolkit?.StackStatus ?? '')) return Number(output.OutputValue)
  // what cdk itself asks; half a second slower
  const asked = await read<{ Parameter: { Value: string } }>({
    absent: /ParameterNotFound/,
  })`aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version`
  return asked && Number(asked.Parameter.Value)
}

/**
 * Bootstraps the account and region, once; by default CloudFormation then deploys as an administrator. Fails where the
 * environment's roles are bounded: that bootstrap is `make access`.
 */
export async function ensureBootstrapped(target: Destination): Promise<void> {
  if ((await readBootstrapVersion()) !== undefined) return
  if (target.settings.PERMISSIONS_BOUNDARY !== '') {
    throw new Failure(
      `account ${target.account} is not bootstrapped in ${target.region}, and a deployment may not do that where roles are bounded`,
      `an administrator runs ${invocation('access', target.environment)} once`,
    )
  }
  await bootstrap(target, [])
}

/** From the root, where there is no app that cdk would synthesize for it. */
async function bootstrap(target: Destination, flags: string[]): Promise<void> {
  const place = `aws://${target.account}/${target.region}`
  const { env } = await prepareCdk(target, root)
  await timeStage('CDK Bootstrap', () => run({ env })`cdk bootstrap ${place} ${flags}`)
}

/**
 * The bootstrap where CloudFormation deploys with no more than the execution policy, whatever else someone may attach to
 * its role. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
 * @param policy name of the policy, in the account
 */
export async function bootstrapBounded(target: Destination, policy: string, arn: string): Promise<void> {
  await bootstrap(target, ['--cloudformation-execution-policies', arn, '--custom-permissions-boundary', policy])
}

/** What `make access` would change. */
export async function diffAccess(place: Place): Promise<string> {
  return await diffStack(place, ourApp, accessApp)
}

/** Deploys the roles and policies of the account. Needs no bootstrap: that one needs them. */
export async function deployAccess(place: Place): Promise<void> {
  const { env, stack } = await prepareCdk(place, ourApp, accessApp)
  await run({ cwd: ourApp, env })`cdk deploy ${stack} --require-approval never`
}

/** Another app of the same workspace than the one that bare `cdk` finds. */
const accessApp = { stacks: ['--all', '--app', 'node --import tsx bin/access.ts'] }

/**
 * What `cdk diff` prints about the environment's stack: the template here against the deployed one. Without a change set,
 * which would be a write; that a change replaces a resource is then judged from the template alone.
 */
export async function diffStack(place: StackOf, app = ourApp, of?: OtherApp): Promise<string> {
  const { env, stack } = await prepareCdk(place, app, of)
  const { exitCode, stdout, stderr, failed } = await probe({
    shown: true,
    cwd: app,
    env: { ...env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })`cdk diff ${stack} --no-change-set`
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
export async function deployStack(place: StackOf, before: Stack | undefined, app = ourApp): Promise<void> {
  const outputs = relative(app, join(root, outputsFile(place)))
  const { env, stack } = await prepareCdk(place, app)
  try {
    await run({ cwd: app, env })`cdk deploy ${stack} --require-approval never --outputs-file ${outputs}`
  } catch (error) {
    throw await addCause(error, place, before)
  }
}

/** Undoes an operation that failed and was left half-way. */
export async function undoOperation(place: Place): Promise<void> {
  const { env, stack } = await prepareCdk(place, ourApp)
  await run({ cwd: ourApp, env })`cdk rollback ${stack}`
}

/** Deletes the stack and follows that. cdk exits with 0 also when CloudFormation has kept the stack. */
export async function destroyStack(place: Place): Promise<void> {
  const { env, stack } = await prepareCdk(place, ourApp)
  await run({ cwd: ourApp, env })`cdk destroy ${stack} --force`
}

/** The outputs that `cdk deploy` wrote. */
export function readOutputs(place: Place): StackOutputs {
  const { environment, names } = place
  const stacks = JSON.parse(readFileSync(join(root, outputsFile(place)), 'utf8'))
  return requireOutputs(stacks[names.stack] ?? {}, names.stack, invocation('infrastructure', environment))
}

interface OtherApp {
  /** The words that name its stacks, and where it is. */
  stacks: string[]
}

interface Cdk {
  env: Record<string, string | undefined>
  /** The words that name the stack, and where to synthesize. */
  stack: string[]
}

/** What cdk needs to run as `aws` would, and into a directory of this run: it refuses one that another run uses. */
async function prepareCdk(place: StackOf, app: string, of?: OtherApp): Promise<Cdk> {
  const { environment, names, restoredTable, unprotected } = place
  const context = Object.entries({ environment, restoredTable, unprotected }).flatMap(([key, value]) =>
    value ? ['--context', `${key}=${value}`] : [],
  )
  const output = relative(app, join(root, makeRunDirectory(environment, 'cdk.out')))
  return {
    env: await readAwsIdentity(join(root, makeRunDirectory(environment, 'aws'), 'config')),
    stack: [...(of?.stacks ?? [names.stack]), ...context, '--output', output],
  }
}

function outputsFile({ environment }: Place): string {
  return stateFile(environment, 'outputs.json')
}

/** The failure of `cdk deploy`, named by the resource that it began with instead of by cdk's last two hundred lines. */
async function addCause(error: unknown, { environment, names }: Place, before: Stack | undefined): Promise<unknown> {
  if (!(error instanceof Failure)) return error
  if (currentJob().signal.aborted) {
    await sayWhatContinues(names.stack)
    return error
  }
  if (error.exitCode !== 1) return error
  const event = await findFirstFailure(names.stack, before?.LastUpdatedTime ?? before?.CreationTime)
  const left = `a previous stack may have left it behind. List what is left: ${invocation('destroy', environment, '--dry-run')}. Keep it: docs/DISASTER_RECOVERY.md, "The stack". Or delete it: ${invocation('destroy', environment, '--data')}. Then ${resume}`
  // names that are taken are refused with the change set, before the stack has an event; cdk says which
  if (!event)
    return isNew(before) ? new Failure(error.message, `${error.remedy}. If something exists already: ${left}`) : error
  return new Failure(
    `the stack ${names.stack} failed: ${event}`,
    isNew(before) && /already exists/i.test(event) ? left : `fix that, then ${resume}`,
  )
}

/** Where cdk was stopped, CloudFormation may be at work. */
async function sayWhatContinues(stack: string): Promise<void> {
  try {
    const state = await runUninterrupted({ atMost: 5_000 }, () => describeStack(stack))
    if (state?.StackStatus?.endsWith('_IN_PROGRESS'))
      say(`CloudFormation continues: ${stack} is in ${state.StackStatus}; the next run waits for it`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    say(`warning: CloudFormation may continue with ${stack}: ${error.message}`)
  }
}
