import { unknownMembers } from '../unknown-members.ts'
import { keptCustomName, requiredChange } from './comparison.ts'
import { failureReason, ResourceFailure } from './failure-reason.ts'
import type { Resolver } from './intrinsics.ts'
import type { Properties, ResourceRequest, ResourceState, ResourceType, ResourceTypes } from './resource-type.ts'
import { recordStatus, setResourceStatus } from './stack.ts'
import type { Stack, StackResource, StackTarget } from './model.ts'

export type Verb = 'CREATE' | 'UPDATE'

/** How one operation changes its resources; knows which of them are under way and which have failed. */
export interface Changer {
  change: (logicalId: string) => Promise<void>
  /** Reports whatever is running as cancelled; what that still changes is recorded without an event. */
  cancel: () => void
  failed: Record<Verb, string[]>
}

interface ChangerOptions {
  stack: Stack
  target: StackTarget
  types: ResourceTypes
  resolver: Resolver
  dependencies: ReadonlyMap<string, readonly string[]>
  onFailure: () => void
}

export function createChanger(options: ChangerOptions): Changer {
  const { stack, target, types, resolver, dependencies, onFailure } = options
  const underWay = new Map<string, Verb>()
  const failed: Changer['failed'] = { CREATE: [], UPDATE: [] }

  /** Runs a change and announces how it ends, unless the operation was cancelled meanwhile. */
  async function run(before: StackResource, verb: Verb, reason: string | undefined, perform: Perform): Promise<void> {
    const { logicalId, type } = before
    underWay.set(logicalId, verb)
    const entered = setResourceStatus(stack, before, `${verb}_IN_PROGRESS`, reason)
    try {
      const after = await perform(entered)
      if (underWay.delete(logicalId)) setResourceStatus(stack, after, `${verb}_COMPLETE`)
      else stack.resources.set(logicalId, { ...after, status: `${verb}_FAILED`, statusReason: cancelled(verb) })
    } catch (error) {
      if (underWay.delete(logicalId)) fail(stack.resources.get(logicalId)!, verb, failureReason(error, type))
      onFailure()
      throw error
    }
  }

  function fail(resource: StackResource, verb: Verb, reason: string): void {
    failed[verb].push(resource.logicalId)
    setResourceStatus(stack, resource, `${verb}_FAILED`, reason)
  }

  function wanted(logicalId: string): StackResource {
    const definition = target.template.Resources[logicalId]!
    return {
      logicalId,
      type: definition.Type,
      physicalId: '',
      attributes: {},
      properties: {},
      tags: target.tags,
      dependsOn: dependencies.get(logicalId) ?? [],
      deletionPolicy: definition.DeletionPolicy ?? 'Delete',
      updateReplacePolicy: definition.UpdateReplacePolicy ?? 'Delete',
      status: '',
      timestamp: new Date(),
    }
  }

  async function create(record: StackResource, properties: Properties): Promise<StackResource> {
    const type = types[record.type]!
    requireKnown(type, properties)
    const state = await type.create(requestOf(stack, record, properties))
    const created = { ...record, ...state, properties }
    if (underWay.has(record.logicalId)) {
      recordStatus(stack, created, record.status, 'Resource creation Initiated')
    }
    return created
  }

  function replace(current: StackResource, record: StackResource, properties: Properties): Promise<void> {
    const reason = 'Requested update requires the creation of a new physical resource; hence creating one.'
    const kept = { ...record, ...stateOf(current), properties: current.properties }
    return run(kept, 'UPDATE', reason, async (entered) => {
      const created = await create(entered, properties)
      stack.superseded.push({ ...current, deletionPolicy: record.updateReplacePolicy })
      return created
    })
  }

  function updateInPlace(current: StackResource, record: StackResource, properties: Properties): Promise<void> {
    const previous = current.attempted ?? current.properties
    const kept = { ...record, ...stateOf(current), properties: current.properties, tags: current.tags }
    return run(kept, 'UPDATE', undefined, async (entered) => {
      const type = types[record.type]!
      requireKnown(type, properties)
      stack.resources.set(entered.logicalId, { ...entered, attempted: properties })
      const state = await type.update!(requestOf(stack, record, properties), stateOf(current), previous)
      return { ...entered, ...state, properties, tags: target.tags }
    })
  }

  /** What is to be done, or the reason why it cannot be. */
  function decide(record: StackResource, current: StackResource | undefined): () => Promise<void> {
    const type = types[record.type]!
    const wantedProperties = target.template.Resources[record.logicalId]!.Properties
    const properties = (resolver.resolve(wantedProperties) ?? {}) as Properties
    if (!current) return () => run(record, 'CREATE', undefined, (entered) => create(entered, properties))

    const change = requiredChange(type, current, properties, target.tags)
    if (change === 'update') return () => updateInPlace(current, record, properties)
    if (change === 'replace') {
      const name = keptCustomName(type, current, properties)
      if (name === undefined) return () => replace(current, record, properties)
      throw new ResourceFailure(
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
      )
    }
    return async () => {
      // what only the template says of it may have changed; a failed attempt left it as it was
      const { dependsOn, deletionPolicy, updateReplacePolicy } = record
      const status = current.status.replace('_FAILED', '_COMPLETE')
      stack.resources.set(record.logicalId, { ...current, dependsOn, deletionPolicy, updateReplacePolicy, status })
    }
  }

  return {
    failed,
    cancel() {
      for (const [logicalId, verb] of underWay) {
        underWay.delete(logicalId)
        fail(stack.resources.get(logicalId)!, verb, cancelled(verb))
      }
    },
    async change(logicalId) {
      const record = wanted(logicalId)
      const known = stack.resources.get(logicalId)
      const current = known?.physicalId ? known : undefined
      let perform: () => Promise<void>
      try {
        perform = decide(record, current)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        fail(current ?? record, current ? 'UPDATE' : 'CREATE', reason)
        onFailure()
        throw error
      }
      await perform()
    },
  }
}

function requireKnown({ knows }: ResourceType, properties: Properties): void {
  const unknown = knows ? unknownMembers(properties, knows) : []
  if (unknown.length > 0) throw new ResourceFailure(`Encountered unsupported property ${unknown.join(', ')}`)
}

type Perform = (entered: StackResource) => Promise<StackResource>

function cancelled(verb: Verb): string {
  return verb === 'CREATE' ? 'Resource creation cancelled' : 'Resource update cancelled'
}

export function stateOf({ physicalId, attributes }: StackResource): ResourceState {
  return { physicalId, attributes }
}

/** What a resource type is handed: the stack's tags and CloudFormation's own come along. */
export function requestOf(stack: Stack, record: StackResource, properties: Properties): ResourceRequest {
  const { logicalId, tags } = record
  return {
    logicalId,
    stackName: stack.name,
    stackId: stack.id,
    properties,
    tags: {
      ...tags,
      'aws:cloudformation:stack-name': stack.name,
      'aws:cloudformation:stack-id': stack.id,
      'aws:cloudformation:logical-id': logicalId,
    },
  }
}
