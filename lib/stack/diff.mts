import { join, relative } from 'node:path'
import { echo } from '../script/narration.mts'
import { probe, quote, root } from '../script/shell.mts'
import type { Target } from '../environment/target.mts'

/**
 * What `cdk diff` tells about the environment's stack: the template here beside the deployed one. Without a change set,
 * which would be a write; that a change replaces a resource is then judged from the template alone.
 * @param cwd directory of the CDK app
 */
export async function stackDiff(
  { environment, names }: Pick<Target, 'environment' | 'names'>,
  cwd = join(root, 'infrastructure'),
): Promise<string> {
  echo(
    `(cd ${quote(relative(root, cwd))} && cdk diff ${names.stack} --context environment=${environment} --no-change-set)`,
  )
  const { exitCode, stdout, stderr, failed } = await probe({
    cwd,
    env: { NO_COLOR: '1', FORCE_COLOR: undefined },
  })`cdk diff ${names.stack} --context environment=${environment} --no-change-set`
  if (exitCode !== 0) throw failed()
  // cdk has moved the diff from one to the other before
  return `${stdout}\n${stderr}`.trim()
}

/** Whether cdk's text names a change. */
export function hasChanges(diff: string): boolean {
  return !/Number of stacks with differences: 0|There were no differences/.test(diff)
}
