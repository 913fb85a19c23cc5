import { randomUUID } from 'node:crypto'
import { account, region } from '../settings.ts'
import type { ChangeSet } from './change-set.ts'
import type { ParameterValues } from './parameters.ts'
import type { Properties } from './resource-type.ts'
import type { Policy, Template } from './template.ts'

/** What a stack is asked to become. */
export interface Target {
  template: Template
  /** The text as submitted: GetTemplate gives it back unchanged, cdk compares it. */
  templateBody: string
  parameters: ParameterValues
  tags: Record<string, string>
  capabilities: string[]
  notificationArns: string[]
  roleArn?: string
}

/** Never changed, always replaced: an operation's starting point keeps the records that it found. */
export interface StackResource {
  readonly logicalId: string
  readonly type: string
  /** Empty until it exists. */
  readonly physicalId: string
  readonly attributes: Record<string, unknown>
  /** As they are in force. */
  readonly properties: Properties
  /** Set when an update failed half-way: what it tried, so that a rollback knows what to undo. */
  readonly attempted?: Properties
  readonly tags: Record<string, string>
  readonly dependsOn: readonly string[]
  readonly deletionPolicy: Policy
  readonly updateReplacePolicy: Policy
  readonly status: string
  readonly statusReason?: string
  readonly timestamp: Date
}

export interface Output {
  key: string
  value: string
  description?: string
  exportName?: string
}

export interface StackEvent {
  eventId: string
  operationId: string
  logicalId: string
  physicalId: string
  type: string
  status: string
  reason?: string
  timestamp: Date
  properties?: Properties
}

/** The last state that ended well: what a rollback goes back to. */
export interface StableState {
  /** Absent before the first creation has ended well. */
  target?: Target
  resources: ReadonlyMap<string, StackResource>
  outputs: Output[]
  imports: ReadonlySet<string>
}

export interface Stack {
  id: string
  name: string
  created: Date
  updated?: Date
  deleted?: Date
  status: string
  statusReason?: string
  /** What is, or is being, deployed; absent before the first change set is executed. */
  target?: Target
  resources: Map<string, StackResource>
  /** Physical resources that were replaced and are not deleted yet. */
  superseded: StackResource[]
  /** Deleted or let go by a rollback or the stack's deletion: shown, no longer ours. */
  gone: StackResource[]
  outputs: Output[]
  /** Names of the exports that it imports. */
  imports: ReadonlySet<string>
  stable: StableState
  events: StackEvent[]
  operationId: string
  changeSets: ChangeSet[]
  /** ClientRequestTokens of operations that were started: a client that repeats one must not start it twice. */
  tokens: Set<string>
  terminationProtection: boolean
  disableRollback: boolean
  /** Set to end a running creation early, because the stack is to be deleted. */
  cancelled: boolean
  /** The running operation, or the last. */
  operation: Promise<void>
}

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
    imports: new Set(),
    stable: { resources: new Map(), outputs: [], imports: new Set() },
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

export const stackType = 'AWS::CloudFormation::Stack'

/** The stack enters a status, and says so in its events. */
export function enter(stack: Stack, status: string, reason?: string): void {
  stack.status = status
  stack.statusReason = reason
  recordEvent(stack, { logicalId: stack.name, physicalId: stack.id, type: stackType, status, reason })
}

/** A resource enters a status: replaces its record and says so in the stack's events. */
export function update(stack: Stack, resource: StackResource, status: string, reason?: string): StackResource {
  const entered = announce(stack, resource, status, reason)
  stack.resources.set(resource.logicalId, entered)
  return entered
}

/** Says in the stack's events that a resource entered a status; its place in the stack stays as it is. */
export function announce(stack: Stack, resource: StackResource, status: string, reason?: string): StackResource {
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
    imports: stack.imports,
  }
}
