import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { account, region } from '../settings.ts'
import { changedProperties, requiresReplacement } from './comparison.ts'
import { dependenciesOf, topological } from './dependencies.ts'
import { createResolver, unknownYet } from './intrinsics.ts'
import { resolveOutputs } from './outputs.ts'
import { references } from './references.ts'
import type { Properties, ResourceType, ResourceTypes } from './resource-type.ts'
import type { ChangeDetail, ChangeSet, ResourceChange, Stack, StackResource, StackTarget } from './model.ts'
import type { ResourceDefinition } from './template.ts'
import { surroundings, wantedResources } from './surroundings.ts'

const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set."

/** What executing a target would do to a stack. Throws ValidationError for a template that cannot be resolved. */
export function plan(
  stack: Stack,
  target: StackTarget,
  types: ResourceTypes,
): { changes: ResourceChange[]; empty: boolean } {
  const changes = new Map<string, ResourceChange>()
  const around = surroundings(stack, target.notificationArns, seen)
  const resolver = createResolver(target.template, target.parameters, around)
  const wanted = new Set(wantedResources(target.template, resolver))

  /** What a template's intrinsics see: nothing is known yet of a resource that is to be created. */
  function seen(logicalId: string): StackResource | undefined {
    const current = stack.resources.get(logicalId)
    const change = changes.get(logicalId)
    if (change?.Action === 'Add' || change?.Replacement === 'True') {
      return { ...(current ?? ({} as StackResource)), physicalId: unknownYet, attributes: anything }
    }
    return wanted.has(logicalId) ? current : undefined
  }

  for (const logicalId of topological(dependenciesOf(target.template))) {
    if (!wanted.has(logicalId)) continue
    const definition = target.template.Resources[logicalId]!
    const current = stack.resources.get(logicalId)
    const properties = (resolver.resolve(definition.Properties) ?? {}) as Properties
    const change = current?.physicalId
      ? modification(stack, current, definition, properties, target, types[definition.Type]!, changes)
      : addition(logicalId, definition, properties)
    if (change) changes.set(logicalId, change)
  }
  for (const current of stack.resources.values()) {
    if (!wanted.has(current.logicalId)) changes.set(current.logicalId, removal(current))
  }
  const sameOutputs = isDeepStrictEqual(resolveOutputs(target.template, resolver), stack.outputs)
  const sameTags = isDeepStrictEqual(target.tags, stack.target?.tags)
  return { changes: [...changes.values()], empty: changes.size === 0 && sameOutputs && sameTags }
}

/** Attributes of a resource that does not exist yet: every one, none of them known. */
const anything = new Proxy<Record<string, unknown>>(
  {},
  {
    get: () => unknownYet,
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: unknownYet }),
  },
)

function addition(logicalId: string, definition: ResourceDefinition, properties: Properties): ResourceChange {
  return {
    Action: 'Add',
    LogicalResourceId: logicalId,
    ResourceType: definition.Type,
    Scope: [],
    Details: [],
    AfterContext: JSON.stringify({ Properties: properties }),
  }
}

function removal({ logicalId, physicalId, type, properties, deletionPolicy }: StackResource): ResourceChange {
  return {
    PolicyAction: deletionPolicy === 'Delete' ? 'Delete' : 'Retain',
    Action: 'Remove',
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Scope: [],
    Details: [],
    BeforeContext: JSON.stringify({ Properties: properties }),
  }
}

function modification(
  stack: Stack,
  current: StackResource,
  definition: ResourceDefinition,
  properties: Properties,
  target: StackTarget,
  type: ResourceType,
  changes: ReadonlyMap<string, ResourceChange>,
): ResourceChange | undefined {
  const changed = changedProperties(current.properties, properties)
  const before = stack.target?.template.Resources[current.logicalId]
  const details = [
    ...changed.map((name) => propertyDetail(name, current.properties, properties, definition, type, target)),
    ...dynamicDetails(definition, changed, type, changes),
    ...attributeDetails(before, definition),
  ]
  if (type.taggable && !isDeepStrictEqual(current.tags, target.tags)) details.push(detail({ Attribute: 'Tags' }))
  const failed = current.status.endsWith('_FAILED')
  if (details.length === 0 && !failed) return undefined

  const recreation = details.map(({ Target }) => Target.RequiresRecreation)
  const replacement = recreation.includes('Always')
    ? 'True'
    : recreation.includes('Conditionally')
      ? 'Conditional'
      : 'False'
  const retains = (definition.UpdateReplacePolicy ?? 'Delete') !== 'Delete'
  return {
    ...(replacement === 'True' && { PolicyAction: retains ? 'ReplaceAndRetain' : 'ReplaceAndDelete' }),
    Action: 'Modify',
    LogicalResourceId: current.logicalId,
    PhysicalResourceId: current.physicalId,
    ResourceType: current.type,
    Replacement: replacement,
    Scope: [...new Set(details.map(({ Target }) => Target.Attribute))],
    Details: details,
    BeforeContext: JSON.stringify({ Properties: current.properties }),
    AfterContext: JSON.stringify({ Properties: properties }),
  }
}

function detail(target: Partial<ChangeDetail['Target']>, source: Partial<ChangeDetail> = {}): ChangeDetail {
  return {
    Target: { Attribute: 'Properties', RequiresRecreation: 'Never', ...target },
    Evaluation: 'Static',
    ChangeSource: 'DirectModification',
    ...source,
  }
}

function propertyDetail(
  name: string,
  before: Properties,
  after: Properties,
  definition: ResourceDefinition,
  type: ResourceType,
  target: StackTarget,
): ChangeDetail {
  const parameters = target.template.Parameters ?? {}
  const parameter = references(definition.Properties?.[name]).find(({ id }) => Object.hasOwn(parameters, id))
  return detail(
    {
      Name: name,
      RequiresRecreation: requiresReplacement(type, name) ? 'Always' : 'Never',
      Path: `/Properties/${name}`,
      AttributeChangeType: before[name] === undefined ? 'Add' : after[name] === undefined ? 'Remove' : 'Modify',
      ...(before[name] !== undefined && { BeforeValue: valueText(before[name]) }),
      ...(after[name] !== undefined && { AfterValue: valueText(after[name]) }),
    },
    parameter ? { ChangeSource: 'ParameterReference', CausingEntity: parameter.id } : {},
  )
}

/** Properties that mention an attribute of a resource that changes in place: only execution shows whether it changes too. */
function dynamicDetails(
  definition: ResourceDefinition,
  changed: string[],
  type: ResourceType,
  changes: ReadonlyMap<string, ResourceChange>,
): ChangeDetail[] {
  return Object.entries(definition.Properties ?? {}).flatMap(([name, value]) => {
    if (changed.includes(name)) return []
    const source = references(value).find(({ id, attribute }) => attribute && changes.get(id)?.Action === 'Modify')
    if (!source) return []
    return detail(
      { Name: name, RequiresRecreation: requiresReplacement(type, name) ? 'Conditionally' : 'Never' },
      { Evaluation: 'Dynamic', ChangeSource: 'ResourceAttribute', CausingEntity: `${source.id}.${source.attribute}` },
    )
  })
}

function attributeDetails(before: ResourceDefinition | undefined, after: ResourceDefinition): ChangeDetail[] {
  return (['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy'] as const)
    .filter((attribute) => !isDeepStrictEqual(before?.[attribute], after[attribute]))
    .map((Attribute) => detail({ Attribute }))
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

type ChangeSetRequest = Pick<ChangeSet, 'name' | 'description' | 'target' | 'deploymentConfig' | 'clientToken'>

/** A change set, planned. Without changes it is FAILED, as on AWS, and cannot be executed. */
export function createChangeSet(stack: Stack, request: ChangeSetRequest, types: ResourceTypes): ChangeSet {
  const { changes, empty } = plan(stack, request.target, types)
  return {
    ...request,
    id: `arn:aws:cloudformation:${region}:${account}:changeSet/${request.name}/${randomUUID()}`,
    created: new Date(),
    changes,
    ...(empty
      ? { status: 'FAILED', statusReason: noChanges, executionStatus: 'UNAVAILABLE' }
      : { status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' }),
  }
}
