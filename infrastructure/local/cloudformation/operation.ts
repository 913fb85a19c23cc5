import { randomUUID } from 'node:crypto'
import { deleteResources } from './deletion.ts'
import { dependenciesOf } from './dependencies.ts'
import { createResolver } from './intrinsics.ts'
import { resolveOutputs } from './outputs.ts'
import { createChanger, type Changer, type Verb } from './resource-change.ts'
import { rollback, undo } from './rollback.ts'
import { schedule } from './schedule.ts'
import { setStatus, markStable } from './stack.ts'
import { surroundings, wantedResources } from './surroundings.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Stack, StackTarget } from './model.ts'

interface DeployOptions {
  verb: Verb
  /** Leaves a failed operation as it is, for a retry or RollbackStack (`cdk deploy --no-rollback`). */
  disableRollback: boolean
  /** On rollback of a creation, treats Retain like RetainExceptOnCreate. */
  retainExceptOnCreate: boolean
}

/**
 * Creates or updates a stack: every resource as soon as those that it needs are there. A failure rolls back, unless that
 * is disabled; then every path that does not depend on it is followed to its end.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
 */
export async function deploy(
  stack: Stack,
  target: StackTarget,
  types: ResourceTypes,
  options: DeployOptions,
): Promise<void> {
  const { verb, disableRollback } = options
  stack.operationId = randomUUID()
  stack.target = target
  stack.disableRollback = disableRollback
  // every change set was made for the stack as it was
  stack.changeSets = []
  if (verb === 'UPDATE') stack.updated = new Date()
  setStatus(stack, `${verb}_IN_PROGRESS`, 'User Initiated')

  const around = surroundings(stack, target.notificationArns, (id) => stack.resources.get(id))
  const resolver = createResolver(target.template, target.parameters, around)
  const wanted = new Set(wantedResources(target.template, resolver))
  const dependencies = new Map([...dependenciesOf(target.template)].filter(([logicalId]) => wanted.has(logicalId)))

  let failing = false
  const onFailure = (): void => {
    if (failing || disableRollback) return
    failing = true
    changer.cancel()
  }
  const changer = createChanger({ stack, target, types, resolver, dependencies, onFailure })
  const failures = await schedule({
    dependencies,
    work: changer.change,
    stopped: () => failing || stack.cancelled,
  })
  if (stack.cancelled) return
  if (failures.size > 0) return giveUp(stack, types, options, failureSummary(changer), changer.failed.UPDATE)

  try {
    stack.outputs = resolveOutputs(target.template, resolver)
  } catch (error) {
    return giveUp(stack, types, options, `${(error as Error).message} `, [])
  }

  if (verb === 'CREATE') {
    setStatus(stack, 'CREATE_COMPLETE')
    markStable(stack)
    return
  }
  await finishUpdate(stack, types, wanted)
}

/** Deletes what the new template no longer has and what was replaced. Failing at that does not fail the update. */
async function finishUpdate(stack: Stack, types: ResourceTypes, wanted: ReadonlySet<string>): Promise<void> {
  setStatus(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !wanted.has(logicalId))
  const failed = await deleteResources(stack, [...removed, ...stack.superseded], types)
  for (const { logicalId } of removed) stack.resources.delete(logicalId)
  stack.superseded = []
  stack.gone = []
  const reason = 'Update successful. One or more resources could not be deleted.'
  setStatus(stack, 'UPDATE_COMPLETE', failed.length > 0 ? reason : undefined)
  markStable(stack)
}

async function giveUp(
  stack: Stack,
  types: ResourceTypes,
  options: DeployOptions,
  reason: string,
  failedUpdates: string[],
) {
  const { verb, disableRollback, retainExceptOnCreate } = options
  if (!disableRollback) {
    await rollback(stack, types, {
      reason: verb === 'CREATE' ? `${reason}Rollback requested by user.` : reason,
      retainExceptOnCreate,
    })
    return
  }
  // one that cannot be undone either has said so in the events, and is tried again by whatever comes next
  await Promise.allSettled(failedUpdates.map((logicalId) => undo(stack, logicalId, types)))
  setStatus(stack, `${verb}_FAILED`, reason)
}

function failureSummary({ failed }: Changer): string {
  const parts = [
    [failed.CREATE, 'create'],
    [failed.UPDATE, 'update'],
  ] as const
  return parts
    .filter(([logicalIds]) => logicalIds.length > 0)
    .map(([logicalIds, verb]) => `The following resource(s) failed to ${verb}: [${logicalIds.join(', ')}]. `)
    .join('')
}
