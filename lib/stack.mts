import type { Stack } from '@aws-sdk/client-cloudformation'
import { Failure } from './failure.mts'
import { invocation } from './invocation.mts'
import { currentJob } from './job.mts'
import { echo } from './narration.mts'
import { remedyFor } from './remedies.mts'
import { outputKeys, type StackOutputs } from './stack-outputs.mts'
import type { Target } from './target.mts'

/** The stack as CloudFormation describes it; undefined when there is none of that name. */
export async function describedStack(name: string): Promise<Stack | undefined> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = new CloudFormationClient({})
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal: currentJob().signal,
    })
    return Stacks?.[0]
  } catch (error) {
    if (/does not exist/.test(String(error))) return undefined
    throw asFailure('describe-stacks', error)
  }
}

/** The outputs of the environment's stack. Fails when it is not deployed yet, or when an output is missing. */
export async function stackOutputs({
  environment,
  names,
}: Pick<Target, 'environment' | 'names'>): Promise<StackOutputs> {
  echo(`aws cloudformation describe-stacks --stack-name ${names.stack} --query 'Stacks[0].Outputs'`)
  const remedy = invocation('infrastructure', environment)
  const stack = await describedStack(names.stack)
  // a stack that was never finished, or whose creation was undone, has nothing to deploy to
  if (
    !stack ||
    !/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE|^UPDATE_.*IN_PROGRESS/.test(stack.StackStatus ?? '')
  ) {
    throw new Failure(`the stack ${names.stack} is not deployed yet${stack ? ` (${stack.StackStatus})` : ''}`, remedy)
  }
  return checkedOutputs(
    Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    names.stack,
    remedy,
  )
}

/** Every output that a script reads, or a failure that names the missing ones. */
export function checkedOutputs(given: Record<string, unknown>, stack: string, remedy: string): StackOutputs {
  const missing = outputKeys.filter((key) => typeof given[key] !== 'string' || given[key] === '')
  if (missing.length > 0) {
    throw new Failure(
      `the stack ${stack} has no output ${missing.join(', ')}: it was deployed by an older version`,
      remedy,
    )
  }
  return given as StackOutputs
}

/** An SDK's error as one fact and one remedy; an interruption as what it is. */
export function asFailure(call: string, error: unknown): Failure {
  currentJob().signal.throwIfAborted()
  const { name, message } = error as Error
  return new Failure(`aws ${call}: ${message || name}`, remedyFor(`${name} ${message}`))
}
