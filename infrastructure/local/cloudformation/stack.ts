import { randomUUID } from 'node:crypto'
import { account, region } from '../settings.ts'
import type { Stack, StackEvent, StackResource } from './model.ts'

export function createStack(name: string, status: string): Stack {
  return {
    id: `arn:aws:cloudformation:${region}:${account}:stack/${name}/${randomUUID()}`,
    name,
    created: new Date(),
    status,
    resources: new Map(),
    superseded: [],
    gone: [],
    outputs: [],
    stable: { resources: new Map(), outputs: [] },
    events: [],
    operationId: randomUUID(),
    changeSets: [],
    tokens: new Set(),
    terminationProtection: false,
    disableRollback: false,
    cancelled: false,
    operation: Promise.resolve(),
  }
}

const stackType = 'AWS::CloudFormation::Stack'

/** The stack enters a status, and says so in its events. */
export function setStatus(stack: Stack, status: string, reason?: string): void {
  stack.status = status
  stack.statusReason = reason
  recordEvent(stack, { logicalId: stack.name, physicalId: stack.id, type: stackType, status, reason })
}

/** A resource enters a status: replaces its record and says so in the stack's events. */
export function setResourceStatus(
  stack: Stack,
  resource: StackResource,
  status: string,
  reason?: string,
): StackResource {
  const entered = recordStatus(stack, resource, status, reason)
  stack.resources.set(resource.logicalId, entered)
  return entered
}

/** Says in the stack's events that a resource entered a status; its place in the stack stays as it is. */
export function recordStatus(stack: Stack, resource: StackResource, status: string, reason?: string): StackResource {
  const { logicalId, physicalId, type, properties } = resource
  const { timestamp } = recordEvent(stack, { logicalId, physicalId, type, status, reason, properties })
  return { ...resource, status, statusReason: reason, timestamp }
}

/** cdk sorts events by time: two of a stack never share a millisecond. */
function recordEvent(stack: Stack, event: Omit<StackEvent, 'eventId' | 'operationId' | 'timestamp'>): StackEvent {
  const last = stack.events.at(-1)?.timestamp.getTime() ?? 0
  const timestamp = new Date(Math.max(Date.now(), last + 1))
  const isStack = event.physicalId === stack.id
  const eventId = isStack ? randomUUID() : `${event.logicalId}-${event.status}-${timestamp.toISOString()}`
  const recorded = { ...event, eventId, timestamp, operationId: stack.operationId }
  stack.events.push(recorded)
  return recorded
}

export function isInProgress(stack: Stack): boolean {
  return stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS'
}

/** What happened ended well: a later rollback comes back to here. */
export function markStable(stack: Stack): void {
  stack.stable = {
    target: stack.target,
    resources: new Map(stack.resources),
    outputs: stack.outputs,
  }
}
