import { join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { say } from '../script/narration.mts'
import { root, type run } from '../script/shell.mts'
import { describeStack } from '../stack/stack.mts'
import { firstFailure } from '../stack/failure.mts'
import type { Target } from '../environment/target.mts'

/** Deletes the stack with cdk, which follows it. Termination protection is lifted only here, after everything was confirmed. */
export async function deleteStack({ environment, names }: Target, change: typeof run, dryRun: boolean): Promise<void> {
  const before = await describeStack(names.stack)
  if (!before) return say(`stack       ${names.stack}: there is none`)
  if (before.EnableTerminationProtection) {
    await change`aws cloudformation update-termination-protection --stack-name ${names.stack} --no-enable-termination-protection`
  }
  const cwd = join(root, 'infrastructure')
  try {
    await change({ cwd })`cdk destroy ${names.stack} --context environment=${environment} --force`
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== 1) throw error
    const event = await firstFailure(names.stack, before.LastUpdatedTime ?? before.CreationTime)
    throw event ? new Failure(`the stack ${names.stack} was not deleted: ${event}`, again(environment)) : error
  }
  // cdk says goodbye in the same words when CloudFormation has kept the stack
  const left = dryRun ? undefined : await describeStack(names.stack)
  if (left) throw new Failure(`the stack ${names.stack} is still there, in ${left.StackStatus}`, again(environment))
}

function again(environment: Target['environment']): string {
  return `mend that, then: ${invocation('destroy', environment)}`
}
