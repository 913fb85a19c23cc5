import { randomUUID } from 'node:crypto'
import { deleteResources } from './deletion.ts'
import { failureReason } from './failure-reason.ts'
import { requestOf, stateOf } from './resource-change.ts'
import { schedule } from './schedule.ts'
import { recordStatus, setStatus, markStable, setResourceStatus } from './stack.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Stack, StackResource } from './model.ts'

interface RollbackOptions {
  reason: string
  retainExceptOnCreate: boolean
  /** Logical ids that ContinueUpdateRollback gives up on. */
  skip?: ReadonlySet<string>
}

/** Goes back to the last state that ended well; before there was one, to nothing. */
export async function rollback(stack: Stack, types: ResourceTypes, options: RollbackOptions): Promise<void> {
  stack.operationId = randomUUID()
  await (stack.stable.target ? rollbackUpdate(stack, types, options) : rollbackCreation(stack, types, options))
}

async function rollbackCreation(stack: Stack, types: ResourceTypes, options: RollbackOptions): Promise<void> {
  setStatus(stack, 'ROLLBACK_IN_PROGRESS', options.reason)
  const failed = await deleteResources(stack, [...stack.resources.values(), ...stack.superseded], types, {
    rollsBackCreation: true,
    retainExceptOnCreate: options.retainExceptOnCreate,
  })
  stack.superseded = []
  if (failed.length === 0) setStatus(stack, 'ROLLBACK_COMPLETE')
  else setStatus(stack, 'ROLLBACK_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}]. `)
}

async function rollbackUpdate(stack: Stack, types: ResourceTypes, options: RollbackOptions): Promise<void> {
  const { stable } = stack
  const skip = options.skip ?? new Set()
  setStatus(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', options.reason)
  const failures = await schedule({
    dependencies: new Map([...stable.resources.values()].map(({ logicalId, dependsOn }) => [logicalId, dependsOn])),
    work: (logicalId) => restore(stack, logicalId, types, skip.has(logicalId)),
  })
  if (failures.size > 0) {
    const failed = [...failures.keys()].join(', ')
    setStatus(stack, 'UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${failed}]. `)
    return
  }
  stack.target = stable.target
  stack.outputs = stable.outputs
  setStatus(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')
  const created = [...stack.resources.values(), ...stack.superseded].filter(
    ({ logicalId, physicalId }) => stable.resources.get(logicalId)?.physicalId !== physicalId,
  )
  await deleteResources(stack, created, types, {
    rollsBackCreation: true,
    retainExceptOnCreate: options.retainExceptOnCreate,
  })
  for (const logicalId of stack.resources.keys()) {
    if (!stable.resources.has(logicalId)) stack.resources.delete(logicalId)
  }
  stack.superseded = []
  stack.gone = []
  setStatus(stack, 'UPDATE_ROLLBACK_COMPLETE')
  markStable(stack)
}

/** One resource back to what it was before the update. Whatever the update never touched stays untouched. */
async function restore(stack: Stack, logicalId: string, types: ResourceTypes, skipped: boolean): Promise<void> {
  const before = stack.stable.resources.get(logicalId)!
  const now = stack.resources.get(logicalId)
  if (skipped) {
    setResourceStatus(stack, before, 'UPDATE_COMPLETE', 'Resource skipped during UpdateRollback')
  } else if (now?.physicalId !== before.physicalId) {
    setResourceStatus(stack, before, 'UPDATE_IN_PROGRESS')
    setResourceStatus(stack, before, 'UPDATE_COMPLETE')
    if (now?.physicalId) stack.superseded.push({ ...now, deletionPolicy: 'Delete' })
  } else if (isChanged(now, before)) {
    setResourceStatus(stack, now, 'UPDATE_IN_PROGRESS')
    await undo(stack, logicalId, types)
    setResourceStatus(stack, stack.resources.get(logicalId)!, 'UPDATE_COMPLETE')
  } else if (now.status.endsWith('_FAILED')) {
    setResourceStatus(stack, before, 'UPDATE_COMPLETE')
  } else {
    stack.resources.set(logicalId, before)
  }
}

function isChanged(now: StackResource, before: StackResource): boolean {
  return now.attempted !== undefined || now.properties !== before.properties
}

/**
 * Gives a resource that was updated in place, completely or half, its stable properties back. Says nothing when that
 * works; announces UPDATE_FAILED and throws when it does not.
 */
export async function undo(stack: Stack, logicalId: string, types: ResourceTypes): Promise<void> {
  const before = stack.stable.resources.get(logicalId)
  const now = stack.resources.get(logicalId)
  if (!before || !now || now.physicalId !== before.physicalId || !isChanged(now, before)) return
  try {
    const request = requestOf(stack, before, before.properties)
    const type = types[before.type]!
    const state = await type.update!(request, stateOf(now), now.attempted ?? now.properties)
    const { status, statusReason, timestamp } = now
    stack.resources.set(logicalId, { ...before, ...state, status, statusReason, timestamp })
  } catch (error) {
    const failed = recordStatus(stack, now, 'UPDATE_FAILED', failureReason(error, before.type))
    stack.resources.set(logicalId, failed)
    throw error
  }
}
