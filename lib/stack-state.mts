import type { Stack } from '@aws-sdk/client-cloudformation'
import { Failure } from './failure.mts'
import { pause } from './job.mts'
import { say } from './narration.mts'
import { describedStack } from './stack.mts'

function isBusy(stack: Partial<Stack> | undefined): boolean {
  const status = stack?.StackStatus ?? ''
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'
}

/** The way out of a state that a stack is stuck in; undefined when it can be deployed to. */
export function stuck({ StackName, StackStatus, EnableTerminationProtection }: Partial<Stack>): Failure | undefined {
  const fact = `the stack ${StackName} is in ${StackStatus}`
  const again = (command: string) => `aws cloudformation ${command} --stack-name ${StackName}, then deploy again`
  switch (StackStatus) {
    case 'REVIEW_IN_PROGRESS':
      return undefined
    case 'ROLLBACK_COMPLETE':
      // cdk removes what is left of the failed creation and begins anew, unless the stack is protected
      return EnableTerminationProtection
        ? new Failure(
            `${fact}: its first creation failed and was undone, and termination protection keeps what is left`,
            again('update-termination-protection --no-enable-termination-protection'),
          )
        : undefined
    case 'ROLLBACK_FAILED':
    case 'DELETE_FAILED':
      return new Failure(fact, again('delete-stack'))
    case 'UPDATE_ROLLBACK_FAILED':
      return new Failure(fact, again('continue-update-rollback'))
    default:
      return isBusy({ StackStatus })
        ? new Failure(
            `${fact}: somebody is deploying it`,
            `aws cloudformation describe-stacks --stack-name ${StackName} --query 'Stacks[0].StackStatus' shows when that is over`,
          )
        : undefined
  }
}

/**
 * The stack, if there is one, as soon as it can be deployed to: an operation that is under way, such as the rest of one
 * that Ctrl-C let go of, is waited for. Fails with the way out of a state that it is stuck in.
 */
export async function deployableStack(name: string): Promise<Stack | undefined> {
  let stack = await describedStack(name)
  if (isBusy(stack)) say(`the stack ${name} is in ${stack?.StackStatus}; waiting for that to end`)
  while (isBusy(stack)) {
    await pause(5000)
    stack = await describedStack(name)
  }
  const failure = stack && stuck(stack)
  if (failure) throw failure
  if (stack?.StackStatus === 'ROLLBACK_COMPLETE') {
    say(
      `the first creation of ${name} failed and was undone (ROLLBACK_COMPLETE); cdk removes what is left and begins anew`,
    )
  }
  return stack
}
