import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from './failure.mts'
import { invocation } from './invocation.mts'
import { probe, root } from './shell.mts'
import { checkedOutputs, describedStack } from './stack.mts'
import { firstFailure } from './stack-failure.mts'
import type { StackOutputs } from './stack-outputs.mts'
import type { Target } from './target.mts'

/** Whether `cdk bootstrap` was run in the account and region, under whatever name its stack has. */
export async function isBootstrapped(): Promise<boolean> {
  const toolkit = await describedStack('CDKToolkit')
  if (/^(CREATE|UPDATE)_COMPLETE$/.test(toolkit?.StackStatus ?? '')) return true
  // what cdk itself asks; half a second dearer
  const version = await probe`aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version`
  if (version.exitCode !== 0 && !/ParameterNotFound/.test(version.stderr)) throw version.failed()
  return version.exitCode === 0
}

/** The failure of `cdk deploy`, told by the resource that it began with instead of by cdk's last two hundred lines. */
export async function explained(
  error: unknown,
  { environment, names }: Target,
  before: Date | undefined,
): Promise<unknown> {
  if (!(error instanceof Failure) || error.exitCode !== 1) return error
  const event = await firstFailure(names.stack, before)
  if (!event) return error
  return new Failure(
    `the stack ${names.stack} failed: ${event}`,
    `mend that, then: ${invocation('infrastructure', environment)}`,
  )
}

/** The outputs that `cdk deploy --outputs-file` wrote. */
export function writtenOutputs(file: string, { environment, names }: Target): StackOutputs {
  const stacks = JSON.parse(readFileSync(join(root, file), 'utf8'))
  return checkedOutputs(stacks[names.stack] ?? {}, names.stack, invocation('infrastructure', environment))
}
