import type { ParameterValues } from './parameters.ts'
import type { Properties } from './resource-type.ts'
import type { Policy, Template } from './template.ts'

/** What a stack is asked to become. */
export interface StackTarget {
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
interface StableState {
  /** Absent before the first creation has ended well. */
  target?: StackTarget
  resources: ReadonlyMap<string, StackResource>
  outputs: Output[]
}

/** The last drift detection of a stack, and what was found of each resource, then or before. */
export interface Detection {
  readonly id: string
  readonly began: Date
  status: 'DETECTION_IN_PROGRESS' | 'DETECTION_COMPLETE' | 'DETECTION_FAILED'
  reason?: string
  readonly drifts: Map<string, ResourceDrift>
}

export interface ResourceDrift {
  status: 'IN_SYNC' | 'MODIFIED' | 'DELETED' | 'UNKNOWN'
  reason?: string
  expected?: Properties
  actual?: Properties
  differences?: PropertyDifference[]
  timestamp: Date
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_PropertyDifference.html */
export interface PropertyDifference {
  PropertyPath: string
  ExpectedValue: string
  ActualValue: string
  DifferenceType: 'ADD' | 'REMOVE' | 'NOT_EQUAL'
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
  target?: StackTarget
  resources: Map<string, StackResource>
  /** Physical resources that were replaced and are not deleted yet. */
  superseded: StackResource[]
  /** Deleted or let go by a rollback or the stack's deletion: shown, no longer ours. */
  gone: StackResource[]
  outputs: Output[]
  stable: StableState
  events: StackEvent[]
  operationId: string
  changeSets: ChangeSet[]
  /** ClientRequestTokens of operations that were started: a client that repeats one must not start it twice. */
  tokens: Set<string>
  detection?: Detection
  terminationProtection: boolean
  disableRollback: boolean
  /** Set to end a running creation early, because the stack is to be deleted. */
  cancelled: boolean
  /** The running operation, or the last. */
  operation: Promise<void>
}

export interface ChangeSet {
  id: string
  name: string
  description?: string
  created: Date
  status: 'CREATE_COMPLETE' | 'FAILED'
  statusReason?: string
  executionStatus: 'AVAILABLE' | 'UNAVAILABLE'
  target: StackTarget
  changes: ResourceChange[]
  deploymentConfig?: unknown
  clientToken?: string
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html */
export interface ResourceChange {
  PolicyAction?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain'
  Action: 'Add' | 'Modify' | 'Remove'
  LogicalResourceId: string
  PhysicalResourceId?: string
  ResourceType: string
  Replacement?: 'True' | 'False' | 'Conditional'
  Scope: string[]
  Details: ChangeDetail[]
  /** The resource before and after, as JSON text; only for clients that ask for property values. */
  BeforeContext?: string
  AfterContext?: string
}

export interface ChangeDetail {
  Target: {
    Attribute: string
    Name?: string
    RequiresRecreation: 'Never' | 'Conditionally' | 'Always'
    Path?: string
    BeforeValue?: string
    AfterValue?: string
    AttributeChangeType?: 'Add' | 'Modify' | 'Remove'
  }
  Evaluation: 'Static' | 'Dynamic'
  ChangeSource: 'DirectModification' | 'ParameterReference' | 'ResourceReference' | 'ResourceAttribute'
  CausingEntity?: string
}
