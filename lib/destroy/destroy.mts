import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from '@aws-sdk/client-cloudformation'
import type { Environment } from '../environment/environments.mts'
import type { Place, Target } from '../environment/target.mts'
import { holdLock } from '../ledger/held-lock.mts'
import type { DeployLock } from '../ledger/lock.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { invocation, withFlag } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root, stateFile } from '../script/files.mts'
import { isDryRun, pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { read, run } from '../script/shell.mts'
import { ask, hasTerminal } from '../script/surroundings.mts'
import { destroyStack } from '../stack/cdk.mts'
import { findFirstFailure } from '../stack/events.mts'
import { requireOutputs, describeStack, outputsOf, type StackOutputs } from '../stack/stack.mts'

/**
 * Asks for the name of the stack. `--yes` is enough for every environment but production, which needs the name itself,
 * typed or as `--confirm <stack>`.
 */
export async function confirmDestruction(
  { environment, names }: Place,
  { yes, confirm }: { yes: boolean; confirm: string | undefined },
): Promise<void> {
  if (isDryRun() || confirm === names.stack) return
  const byName = `--confirm ${names.stack}`
  if (confirm !== undefined) {
    throw new Failure(`--confirm names ${confirm}, but the stack is ${names.stack}`, withFlag(byName), 2)
  }
  if (yes && environment !== 'production') return
  if (!hasTerminal()) {
    const flag = environment === 'production' ? byName : '--yes'
    throw new Failure(`destroying ${environment} needs a confirmation, and there is no terminal`, withFlag(flag), 2)
  }
  if ((await ask(`Type the name of the stack to destroy it (${names.stack}): `)) !== names.stack) {
    throw new Failure(
      `${names.stack} was not confirmed; nothing was changed`,
      're-run the same command and type its name',
    )
  }
}

/**
 * Reads the outputs of the stack to delete and saves them in a file: a run that resumes after the stack is gone still has to find the
 * bucket. Returns undefined when there never was a complete stack.
 */
export async function readAndKeepOutputs({ environment, names }: Place): Promise<StackOutputs | undefined> {
  const file = outputsFile(environment)
  const stack = await describeStack(names.stack)
  const outputs = outputsOf(stack)
  if (Object.keys(outputs).length > 0) writeFileSync(file, JSON.stringify(outputs), { mode: 0o600 })
  const known: Record<string, unknown> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const remedy = `${invocation('infrastructure', environment)}, then re-run the same command`
  return Object.keys(known).length > 0 ? requireOutputs(known, names.stack, remedy) : undefined
}

/** To be called once everything is gone, data included. */
export function deleteOutputsFile({ environment }: { environment: Environment }): void {
  if (isDryRun()) return
  rmSync(outputsFile(environment), { force: true })
}

function outputsFile(environment: Environment): string {
  return join(root, stateFile(environment, 'destroy.json'))
}

/** Holds the lock of an environment while `work` runs, which asks for it before a change; in a dry run there is nothing to lock. */
export async function runWithLock(
  target: Parameters<typeof holdLock>[0],
  who: Parameters<typeof holdLock>[1],
  work: (requireHeld: DeployLock['requireHeld']) => Promise<void>,
): Promise<void> {
  if (isDryRun()) return await work(() => Promise.resolve())
  const lock = await holdLock(target, who)
  try {
    await work(lock.requireHeld)
  } finally {
    await lock.release()
  }
}

/**
 * Deletes the service and waits until its tasks have stopped: only then can cluster, subnets and target group be deleted.
 * @param before its status as it was found; undefined when there is none
 */
export async function deleteService({ names, local }: Target, before: string | undefined): Promise<void> {
  if (before === undefined || before === 'INACTIVE') return say(`service     ${names.service}: there is none`)
  if (before === 'ACTIVE') {
    // stopping the tasks closes the open connections
    await run`aws ecs update-service --cluster ${names.cluster} --service ${names.service} --desired-count 0 --query service.desiredCount`
    await run`aws ecs delete-service --cluster ${names.cluster} --service ${names.service} --force --query service.status`
  }
  if (isDryRun()) return
  const every = local ? 300 : 4000
  const status = () => retryUntilAnswered(() => readServiceStatus(names), { within: 60_000, every })
  while ((await status()) === 'DRAINING') await pause(every)
  say(`service     ${names.service} is gone, its tasks have stopped`)
}

export async function readServiceStatus({ cluster, service }: Target['names']): Promise<string | undefined> {
  const described = await read<{ services: { status: string }[] }>({
    absent: /ClusterNotFoundException/,
  })`aws ecs describe-services --cluster ${cluster} --services ${service}`
  return described?.services[0]?.status
}

/**
 * Deletes the stack with cdk, which waits for it. Lifts termination protection only here, after the confirmation.
 * @param before the stack as it was found; undefined when there is none
 */
export async function deleteStack(target: Target, before: Stack | undefined): Promise<void> {
  const { stack } = target.names
  if (!before) return say(`stack       ${stack}: there is none`)
  if (!before.EnableTerminationProtection) return await deleteUnprotected(target, before)
  await run`aws cloudformation update-termination-protection --stack-name ${stack} --no-enable-termination-protection`
  try {
    await deleteUnprotected(target, before)
  } catch (error) {
    const again = `aws cloudformation update-termination-protection --stack-name ${stack} --enable-termination-protection`
    say(`warning: ${stack} is not protected from deletion any more; if it is to stay: ${again}`)
    throw error
  }
}

async function deleteUnprotected(target: Target, before: Stack): Promise<void> {
  const { environment, names } = target
  try {
    await destroyStack(target)
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== 1) throw error
    const event = await findFirstFailure(names.stack, before.LastUpdatedTime ?? before.CreationTime)
    throw event ? new Failure(`the stack ${names.stack} was not deleted: ${event}`, resumeRemedy(environment)) : error
  }
  const left = isDryRun() ? undefined : await describeStack(names.stack)
  if (left)
    throw new Failure(`the stack ${names.stack} is still there, in ${left.StackStatus}`, resumeRemedy(environment))
}

function resumeRemedy(environment: Target['environment']): string {
  return `fix that, then: ${invocation('destroy', environment)}`
}
