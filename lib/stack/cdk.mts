import type { Stack } from '@aws-sdk/client-cloudformation'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { probe, root } from '../script/shell.mts'
import { checkedOutputs, describeStack } from './stack.mts'
import { firstFailure } from './failure.mts'
import type { StackOutputs } from './outputs.mts'
import type { Target } from '../environment/target.mts'

/** Whether `cdk bootstrap` was run in the account and region, under whatever name its stack has. */
export async function isBootstrapped(): Promise<boolean> {
  const toolkit = await describeStack('CDKToolkit')
  if (/^(CREATE|UPDATE)_COMPLETE$/.test(toolkit?.StackStatus ?? '')) return true
  // what cdk itself asks; half a second dearer
  const version = await probe`aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version`
  if (version.exitCode !== 0 && !/ParameterNotFound/.test(version.stderr)) throw version.failed()
  return version.exitCode === 0
}

/**
 * The failure of `cdk deploy`, told by the resource that it began with instead of by cdk's last two hundred lines.
 * @param before the stack as it was found; undefined when there was none
 */
export async function withCause(
  error: unknown,
  { environment, names }: Pick<Target, 'environment' | 'names'>,
  before: Stack | undefined,
): Promise<unknown> {
  if (!(error instanceof Failure) || error.exitCode !== 1) return error
  const event = await firstFailure(names.stack, before?.LastUpdatedTime ?? before?.CreationTime)
  if (!event) return error
  const again = `then: ${invocation('infrastructure', environment)}`
  const isNew = before === undefined || before.StackStatus === 'ROLLBACK_COMPLETE'
  return new Failure(
    `the stack ${names.stack} failed: ${event}`,
    isNew && /already exists/i.test(event)
      ? `an earlier stack may have kept it: ${invocation('destroy', environment, '--dry-run')} lists what is kept, --data in its place removes it; ${again}`
      : `mend that, ${again}`,
  )
}

/** The outputs that `cdk deploy --outputs-file` wrote. */
export function readOutputs(file: string, { environment, names }: Target): StackOutputs {
  const stacks = JSON.parse(readFileSync(join(root, file), 'utf8'))
  return checkedOutputs(stacks[names.stack] ?? {}, names.stack, invocation('infrastructure', environment))
}
