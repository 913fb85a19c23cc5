import type { StackEvent } from '@aws-sdk/client-cloudformation'
import { echo, say } from '../script/narration.mts'
import { asFailure, cloudFormation } from './stack.mts'

/**
 * The event that the stack's latest operation failed with: the first one, since what follows is only "cancelled".
 * Undefined when that operation did not begin after `before`, the stack's time before this run: then it is not ours. Where
 * the events cannot be read it warns, so that the first failure is the one that is reported.
 */
export async function findFirstFailure(stack: string, before: Date | undefined): Promise<string | undefined> {
  const { paginateDescribeStackEvents } = await import('@aws-sdk/client-cloudformation')
  echo(`aws cloudformation describe-stack-events --stack-name ${stack}`)
  const events: StackEvent[] = []
  try {
    const client = await cloudFormation()
    for await (const page of paginateDescribeStackEvents({ client }, { StackName: stack })) {
      events.push(...(page.StackEvents ?? []))
      if (events.some(beginsOperation)) break
    }
  } catch (error) {
    if (/does not exist/.test(String(error))) return undefined
    say(`warning: what ${stack} failed with is unknown: ${asFailure('describe-stack-events', error).message}`)
    return undefined
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
