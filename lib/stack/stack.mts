import type { Stack } from '@aws-sdk/client-cloudformation'
import { Failure, remedyFor } from '../script/failure.mts'
import { invocation } from '../script/invocation.mts'
import { currentJob } from '../script/job.mts'
import { echo } from '../script/narration.mts'
import { outputKeys, type StackOutputs } from './outputs.mts'
import type { Place } from '../environment/target.mts'

/** The stack as CloudFormation describes it; undefined when there is none of that name. */
export async function describeStack(name: string): Promise<Stack | undefined> {
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
export async function stackOutputs({ environment, names }: Place): Promise<StackOutputs> {
  echo(`aws cloudformation describe-stacks --stack-name ${names.stack} --query 'Stacks[0].Outputs'`)
  const remedy = invocation('infrastructure', environment)
  const stack = await describeStack(names.stack)
  if (!stack || !isDeployed(stack)) {
    throw new Failure(`the stack ${names.stack} is not deployed yet${stack ? ` (${stack.StackStatus})` : ''}`, remedy)
  }
  return checkedOutputs(outputsOf(stack), names.stack, remedy)
}

/** The same where the stack may not be there yet: undefined until it was deployed, and while it lacks an output. */
export async function outputsSoFar({ names }: Pick<Place, 'names'>): Promise<StackOutputs | undefined> {
  const stack = await describeStack(names.stack)
  if (!stack || !isDeployed(stack)) return undefined
  const outputs = outputsOf(stack)
  return missingOutputs(outputs).length === 0 ? (outputs as StackOutputs) : undefined
}

/**
 * Nothing can be deployed to a stack whose creation was never finished, or was undone. One that an update left stuck can be
 * inspected and rolled back.
 */
function isDeployed({ StackStatus }: Stack): boolean {
  return /^(CREATE|IMPORT)_COMPLETE$|^UPDATE_/.test(StackStatus ?? '')
}

/** The outputs that a stack has; none without a stack. */
export function outputsOf(stack: Stack | undefined): Record<string, unknown> {
  return Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
}

export function missingOutputs(given: Record<string, unknown>): string[] {
  return outputKeys.filter((key) => typeof given[key] !== 'string' || given[key] === '')
}

/** Every output that a script reads, or a failure that names the missing ones. */
export function checkedOutputs(given: Record<string, unknown>, stack: string, remedy: string): StackOutputs {
  const missing = missingOutputs(given)
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
