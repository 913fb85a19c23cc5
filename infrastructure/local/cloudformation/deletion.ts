import { randomUUID } from 'node:crypto'
import { reversed } from './dependencies.ts'
import { failureReason, isAlreadyGone } from './failure-reason.ts'
import { schedule } from './schedule.ts'
import { recordStatus, setStatus } from './stack.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Stack, StackResource } from './model.ts'

interface DeletionOptions {
  /** Resources that the failed creation made: RetainExceptOnCreate does not keep them. */
  rollsBackCreation?: boolean
  /** Treats Retain like RetainExceptOnCreate. */
  retainExceptOnCreate?: boolean
}

/**
 * Deletes physical resources, dependents first, side by side; what a policy keeps is let go.
 * @returns logical ids that could not be deleted; they stay in the stack's records as DELETE_FAILED
 */
export async function deleteResources(
  stack: Stack,
  resources: StackResource[],
  types: ResourceTypes,
  options: DeletionOptions = {},
): Promise<string[]> {
  const byKey = new Map(resources.map((resource) => [keyOf(resource), resource]))
  const needs = resources.map((resource) => {
    const needed = resources.filter((other) => other !== resource && resource.dependsOn.includes(other.logicalId))
    return [keyOf(resource), needed.map(keyOf)] as const
  })
  const failures = await schedule({
    dependencies: reversed(new Map(needs)),
    work: (key) => deleteResource(stack, byKey.get(key)!, types, options),
  })
  return [...failures.keys()].map((key) => byKey.get(key)!.logicalId)
}

function keyOf({ logicalId, physicalId }: StackResource): string {
  return `${logicalId} ${physicalId}`
}

async function deleteResource(stack: Stack, resource: StackResource, types: ResourceTypes, options: DeletionOptions) {
  if (resource.physicalId === '') return letGo(stack, recordStatus(stack, resource, 'DELETE_COMPLETE'))
  if (isRetained(resource, options)) return letGo(stack, recordStatus(stack, resource, 'DELETE_SKIPPED'))
  const { physicalId, attributes, properties, type } = resource
  record(stack, recordStatus(stack, resource, 'DELETE_IN_PROGRESS'))
  try {
    await types[type]!.delete({ physicalId, attributes }, properties)
  } catch (error) {
    if (!isAlreadyGone(error)) {
      record(stack, recordStatus(stack, resource, 'DELETE_FAILED', failureReason(error, type)))
      throw error
    }
  }
  letGo(stack, recordStatus(stack, resource, 'DELETE_COMPLETE'))
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html */
function isRetained({ deletionPolicy }: StackResource, options: DeletionOptions): boolean {
  if (options.rollsBackCreation !== true)
    return deletionPolicy === 'Retain' || deletionPolicy === 'RetainExceptOnCreate'
  return deletionPolicy === 'Retain' && options.retainExceptOnCreate !== true
}

/** A superseded physical resource has no record of its own: the logical id's belongs to its successor. */
function record(stack: Stack, resource: StackResource): void {
  if (stack.resources.get(resource.logicalId)?.physicalId === resource.physicalId) {
    stack.resources.set(resource.logicalId, resource)
  }
}

function letGo(stack: Stack, resource: StackResource): void {
  if (stack.resources.get(resource.logicalId)?.physicalId === resource.physicalId) {
    stack.resources.delete(resource.logicalId)
  }
  stack.gone.push(resource)
}

/** Deletes a stack's resources and the stack. It ends in DELETE_COMPLETE or DELETE_FAILED. */
export async function deleteStack(stack: Stack, types: ResourceTypes): Promise<void> {
  const creation = stack.operation
  stack.cancelled = true
  stack.operationId = randomUUID()
  setStatus(stack, 'DELETE_IN_PROGRESS', 'User Initiated')
  await creation
  const failed = await deleteResources(stack, [...stack.resources.values(), ...stack.superseded], types)
  if (failed.length > 0) {
    setStatus(stack, 'DELETE_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}]. `)
    return
  }
  stack.superseded = []
  stack.outputs = []
  stack.changeSets = []
  stack.deleted = new Date()
  setStatus(stack, 'DELETE_COMPLETE')
}
