import { stackDriftStatus } from './drift.ts'
import type { Output, Stack, StackEvent, StackResource, StackTarget } from './model.ts'

/** How stacks, resources, events and outputs look in answers. */
export function describeStack(stack: Stack) {
  const { target } = stack
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: target?.template.Description,
    Parameters: target ? parameterList(target) : [],
    CreationTime: stack.created,
    LastUpdatedTime: stack.updated,
    DeletionTime: stack.deleted,
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    NotificationARNs: target?.notificationArns ?? [],
    Capabilities: target?.capabilities ?? [],
    Outputs: stack.outputs.map(describeOutput),
    RoleARN: target?.roleArn,
    Tags: tagList(target?.tags ?? {}),
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: stackDrift(stack),
  }
}

function stackDrift({ detection }: Stack) {
  return { StackDriftStatus: stackDriftStatus(detection), LastCheckTimestamp: detection?.began }
}

function describeOutput({ key, value, description, exportName }: Output) {
  return { OutputKey: key, OutputValue: value, Description: description, ExportName: exportName }
}

export function parameterList({ parameters }: StackTarget) {
  return Object.entries(parameters).map(([key, { value, resolved }]) => ({
    ParameterKey: key,
    ParameterValue: value,
    ResolvedValue: resolved,
  }))
}

export function tagList(tags: Record<string, string>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

export function describeEvent(stack: Stack, event: StackEvent) {
  return {
    StackId: stack.id,
    EventId: event.eventId,
    StackName: stack.name,
    OperationId: event.operationId,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: event.timestamp,
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
    ResourceProperties: event.properties && JSON.stringify(event.properties),
  }
}

const resourceNotChecked = { StackResourceDriftStatus: 'NOT_CHECKED' }

export function summarizeResource(resource: StackResource) {
  return {
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId || undefined,
    ResourceType: resource.type,
    LastUpdatedTimestamp: resource.timestamp,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
    DriftInformation: resourceNotChecked,
  }
}

export function describeResource(stack: Stack, resource: StackResource) {
  const { LastUpdatedTimestamp: Timestamp, ...summary } = summarizeResource(resource)
  return { StackName: stack.name, StackId: stack.id, ...summary, Timestamp }
}
