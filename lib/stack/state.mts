import type { Stack } from '@aws-sdk/client-cloudformation'
import type { Environment } from '../environment/environments.mts'
import type { Place } from '../environment/target.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { pause } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { describeStack } from './stack.mts'

/** Whether CloudFormation is at work. A stack that only has a change set to review waits for nobody. */
export function isBusy(stack: Partial<Stack> | undefined): boolean {
  const status = stack?.StackStatus ?? ''
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'
}

/** Whether a stack is not there yet, or no more than what is left of a creation that failed. */
export function isNew(stack: Partial<Stack> | undefined): boolean {
  return stack === undefined || /^(REVIEW_IN_PROGRESS|ROLLBACK_COMPLETE)$/.test(stack.StackStatus ?? '')
}

/** The way out of a state that a stack is stuck in; undefined when it can be deployed to. */
export function stuckFailure(
  { StackName, StackStatus, EnableTerminationProtection }: Partial<Stack>,
  environment: Environment,
): Failure | undefined {
  const fact = `the stack ${StackName} is in ${StackStatus}`
  switch (StackStatus) {
    case 'ROLLBACK_COMPLETE':
      // cdk deletes what is left of the failed creation and starts again, unless the stack is protected
      return EnableTerminationProtection
        ? new Failure(
            `${fact}: its first creation failed and was undone, and termination protection keeps what is left`,
            `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${StackName}, then deploy again`,
          )
        : undefined
    case 'ROLLBACK_FAILED':
    case 'DELETE_FAILED':
      return new Failure(
        fact,
        `where there is no data to keep: ${invocation('destroy', environment, '--data')}, then deploy again. To keep it: ${invocation('destroy', environment)}, then docs/DISASTER_RECOVERY.md, "The stack"`,
      )
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
    case 'UPDATE_ROLLBACK_FAILED':
      // cdk would ask whether to roll back first
      return new Failure(fact, `${invocation('rollback-infrastructure', environment)} undoes that, then deploy again`)
    default:
      return undefined
  }
}

/** Whether an operation on the stack failed and was not undone, or only in part: `cdk rollback` undoes it. */
export function isPaused({ StackStatus }: Partial<Stack>): boolean {
  return /^(CREATE|UPDATE|UPDATE_ROLLBACK)_FAILED$/.test(StackStatus ?? '')
}

/** The stack, once no operation is under way: a run that was stopped leaves CloudFormation to end its own. */
export async function waitForStack(name: string): Promise<Stack | undefined> {
  let stack = await describeStack(name)
  if (isBusy(stack)) say(`the stack ${name} is in ${stack?.StackStatus}; waiting until that ends`)
  while (isBusy(stack)) {
    await pause(5000)
    stack = await retryUntilAnswered(() => describeStack(name))
  }
  return stack
}

/** The stack, if it can be rolled back: it was created once. Waits while an operation is under way. Fails with what to do instead. */
export async function requireStackWithPast({ environment, names }: Place): Promise<Stack> {
  const stack = await waitForStack(names.stack)
  const state = stack?.StackStatus
  if (!stack || state === 'REVIEW_IN_PROGRESS') {
    throw new Failure(`the stack ${names.stack} is not deployed yet`, invocation('infrastructure', environment))
  }
  if (isPaused(stack)) return stack
  const failure = stuckFailure(stack, environment)
  if (failure) throw failure
  if (state === 'ROLLBACK_COMPLETE') {
    throw new Failure(
      `the stack ${names.stack} is in ${state}: its first creation failed and was undone, so there is nothing to roll back to`,
      `create it again: ${invocation('infrastructure', environment)}`,
    )
  }
  return stack
}

/**
 * The stack, if there is one. Waits while an operation is under way, such as one that continues after Ctrl-C. Fails with the
 * way out of a state that it is stuck in.
 */
export async function requireDeployableStack({ environment, names }: Place): Promise<Stack | undefined> {
  const { stack: name } = names
  const stack = await waitForStack(name)
  const failure = stack && stuckFailure(stack, environment)
  if (failure) throw failure
  if (stack?.StackStatus === 'ROLLBACK_COMPLETE') {
    say(
      `the first creation of ${name} failed and was undone (ROLLBACK_COMPLETE); cdk deletes what is left and starts again`,
    )
  }
  return stack
}
