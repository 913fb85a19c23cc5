import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { run } from '../script/shell.mts'
import { describeStack } from '../stack/stack.mts'
import { destroyStack } from '../stack/cdk.mts'
import { firstFailure } from '../stack/failure.mts'
import type { Target } from '../environment/target.mts'

/** Deletes the stack with cdk, which follows it. Termination protection is lifted only here, after everything was confirmed. */
export async function deleteStack(target: Target): Promise<void> {
  const { environment, names } = target
  const before = await describeStack(names.stack)
  if (!before) return say(`stack       ${names.stack}: there is none`)
  if (before.EnableTerminationProtection) {
    await run`aws cloudformation update-termination-protection --stack-name ${names.stack} --no-enable-termination-protection`
  }
  try {
    await destroyStack(target)
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== 1) throw error
    const event = await firstFailure(names.stack, before.LastUpdatedTime ?? before.CreationTime)
    throw event ? new Failure(`the stack ${names.stack} was not deleted: ${event}`, again(environment)) : error
  }
  const left = isDryRun() ? undefined : await describeStack(names.stack)
  if (left) throw new Failure(`the stack ${names.stack} is still there, in ${left.StackStatus}`, again(environment))
}

function again(environment: Target['environment']): string {
  return `mend that, then: ${invocation('destroy', environment)}`
}
