import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation'
import { Failure } from './failure.mts'
import { invocation } from './invocation.mts'
import { currentJob, pause } from './job.mts'
import { echo, say } from './narration.mts'
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

/**
 * The event that the stack's latest operation failed with: the first one, since what follows is only "cancelled".
 * Undefined when that operation did not begin after `before`, the stack's time before this run: then it is not ours.
 */
export async function firstFailure(stack: string, before: Date | undefined): Promise<string | undefined> {
  const { CloudFormationClient, paginateDescribeStackEvents } = await import('@aws-sdk/client-cloudformation')
  echo(`aws cloudformation describe-stack-events --stack-name ${stack}`)
  const events: StackEvent[] = []
  try {
    for await (const page of paginateDescribeStackEvents(
      { client: new CloudFormationClient({}) },
      { StackName: stack },
    )) {
      events.push(...(page.StackEvents ?? []))
      if (events.some(beginsOperation)) break
    }
  } catch (error) {
    if (/does not exist/.test(String(error))) return undefined
    throw asFailure('describe-stack-events', error)
  }
  return failureOf(events, before)
}

/** Of events, newest first: how the latest operation began to fail. */
export function failureOf(events: StackEvent[], before: Date | undefined): string | undefined {
  const began = events.findIndex(beginsOperation)
  const start = events[began]?.Timestamp
  // the stack's time and the event that wrote it are some milliseconds apart
  if (!start || (before && start.getTime() <= before.getTime() + 1000)) return undefined
  const first = events
    .slice(0, began)
    .findLast(
      ({ ResourceStatus, ResourceStatusReason }) =>
        ResourceStatus?.endsWith('_FAILED') && !/cancelled/i.test(ResourceStatusReason ?? ''),
    )
  if (!first) return undefined
  const { LogicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason } = first
  return `${LogicalResourceId} (${ResourceType}) ${ResourceStatus}: ${ResourceStatusReason ?? 'no reason given'}`
}

function beginsOperation({ PhysicalResourceId, StackId, ResourceStatus }: StackEvent): boolean {
  return PhysicalResourceId === StackId && /^(CREATE|UPDATE|IMPORT|DELETE)_IN_PROGRESS$/.test(ResourceStatus ?? '')
}

/** An SDK's error as one fact and one remedy; an interruption as what it is. */
export function asFailure(call: string, error: unknown): Failure {
  currentJob().signal.throwIfAborted()
  const { name, message } = error as Error
  return new Failure(`aws ${call}: ${message || name}`, remedyFor(`${name} ${message}`))
}
