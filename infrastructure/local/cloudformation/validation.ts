import { AwsError } from '../gateway/room.ts'
import { cycle, dependenciesOf } from './dependencies.ts'
import { validationError } from './input.ts'
import { conditionNames, references } from './references.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Template } from './template.ts'

const policies = ['Delete', 'Retain', 'RetainExceptOnCreate']

/** Refuses, in AWS's words, a template that CloudFormation would refuse before it touches anything. */
export function validateTemplate(template: Template, types: ResourceTypes): void {
  const resources = Object.entries(template.Resources ?? {})
  if (resources.length === 0)
    throw validationError('Template format error: At least one Resources member must be defined.')
  if (template.Transform !== undefined) throw validationError('Transforms are not supported by the local AWS')
  for (const [logicalId, definition] of resources) {
    if (typeof definition?.Type !== 'string') {
      throw validationError(
        `Template format error: [/Resources/${logicalId}] Every Resources object must contain a Type member.`,
      )
    }
    checkPolicies(logicalId, definition.DeletionPolicy, definition.UpdateReplacePolicy)
  }
  const unknown = new Set(resources.map(([, { Type }]) => Type).filter((type) => !Object.hasOwn(types, type)))
  if (unknown.size > 0) {
    throw validationError(`Template format error: Unrecognized resource types: [${[...unknown].join(', ')}]`)
  }
  checkReferences(template)
  checkConditions(template)
  const circle = cycle(dependenciesOf(template))
  if (circle.length > 0) throw validationError(`Circular dependency between resources: [${circle.join(', ')}]`)
}

function checkPolicies(logicalId: string, deletion?: string, replace?: string): void {
  for (const [attribute, policy] of Object.entries({ DeletionPolicy: deletion, UpdateReplacePolicy: replace })) {
    if (policy === undefined) continue
    if (!policies.includes(policy) || (attribute === 'UpdateReplacePolicy' && policy === 'RetainExceptOnCreate')) {
      throw validationError(`Template format error: Unrecognized ${attribute} ${policy} for resource ${logicalId}`)
    }
  }
}

function checkReferences(template: Template): void {
  const known = (id: string): boolean =>
    id.startsWith('AWS::') || Object.hasOwn(template.Parameters ?? {}, id) || Object.hasOwn(template.Resources, id)
  const resources = Object.values(template.Resources)
  const inResources = resources.flatMap(({ Properties, DependsOn }) => [
    ...references(Properties),
    ...[DependsOn ?? []].flat().map((id) => ({ id })),
  ])
  const inOutputs = Object.values(template.Outputs ?? {}).flatMap(({ Value, Export }) => references([Value, Export]))
  const missing = (found: { id: string }[]): string[] =>
    [...new Set(found.map(({ id }) => id))].filter((id) => !known(id))

  for (const [block, ids] of [
    ['Resources', missing(inResources)],
    ['Outputs', missing(inOutputs)],
  ] as const) {
    if (ids.length === 0) continue
    throw validationError(
      `Template format error: Unresolved resource dependencies [${ids.join(', ')}] in the ${block} block of the template`,
    )
  }
  const inConditions = references(template.Conditions).filter(({ id }) => Object.hasOwn(template.Resources, id))
  if (inConditions.length > 0) {
    const ids = inConditions.map(({ id }) => id).join(', ')
    throw validationError(
      `Template format error: Unresolved dependencies [${ids}]. Cannot reference resources in the Conditions block of the template`,
    )
  }
}

function checkConditions(template: Template): void {
  const resources = Object.values(template.Resources)
  const outputs = Object.values(template.Outputs ?? {})
  const used = [
    ['Resources', resources.flatMap(({ Condition, Properties }) => [Condition, ...conditionNames(Properties)])],
    ['Outputs', outputs.flatMap(({ Condition, Value }) => [Condition, ...conditionNames(Value)])],
  ] as const
  for (const [block, names] of used) {
    for (const name of names) {
      if (name === undefined || Object.hasOwn(template.Conditions ?? {}, name)) continue
      throw validationError(
        `Template format error: Unresolved condition dependency ${name} in the ${block} block of the template`,
      )
    }
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html (Capabilities) */
function requiredCapability(template: Template): 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | undefined {
  const identities = Object.values(template.Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'))
  if (identities.length === 0) return undefined
  const namesIdentities = identities.some(({ Type, Properties }) => {
    // an inline policy's name does not identify it
    const named = ['RoleName', 'ManagedPolicyName', 'UserName', 'GroupName', 'InstanceProfileName']
    return Type !== 'AWS::IAM::Policy' && named.some((name) => Properties?.[name] !== undefined)
  })
  return namesIdentities ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'
}

export function checkCapabilities(template: Template, given: string[]): void {
  const required = requiredCapability(template)
  if (!required || given.includes(required) || given.includes('CAPABILITY_NAMED_IAM')) return
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${required}]`)
}
