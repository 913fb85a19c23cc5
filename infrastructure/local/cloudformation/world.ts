import { AwsError } from '../gateway/room.ts'
import type { Resolver, Surroundings } from './intrinsics.ts'
import type { ResourceTypes } from './resource-type.ts'
import type { Template } from './template.ts'
import type { Stack, StackResource } from './model.ts'

/** What an operation on one stack needs to know beyond it. */
export interface World {
  types: ResourceTypes
  stacks: () => Stack[]
}

/** Every export of the account, by name. */
export function exportsOf(world: World): Map<string, { value: string; stack: Stack }> {
  const exported = world
    .stacks()
    .flatMap((stack) =>
      stack.outputs.flatMap(({ exportName, value }) => (exportName ? [[exportName, { value, stack }] as const] : [])),
    )
  return new Map(exported)
}

/** Names of the stacks that import an export. */
export function importersOf(world: World, exportName: string): string[] {
  return world
    .stacks()
    .filter((stack) => stack.imports.has(exportName))
    .map(({ name }) => name)
}

/** `A, B and C`, as CloudFormation lists the stacks that use an export. */
export function enumerate(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** What a template's intrinsics see of its stack and of the other stacks' exports. */
export function surroundings(
  world: World,
  stack: Stack,
  notificationArns: string[],
  resource: (logicalId: string) => StackResource | undefined,
  imports: Set<string>,
): Surroundings {
  const existing = (logicalId: string): StackResource => {
    const found = resource(logicalId)
    if (found) return found
    throw new AwsError(
      'ValidationError',
      `Template format error: Unresolved resource dependencies [${logicalId}] in the Resources block of the template`,
    )
  }
  return {
    stackName: stack.name,
    stackId: stack.id,
    notificationArns,
    physicalId: (logicalId) => existing(logicalId).physicalId,
    attribute(logicalId, name) {
      const { attributes } = existing(logicalId)
      if (Object.hasOwn(attributes, name)) return attributes[name]
      const fact = `resource ${logicalId} does not support attribute type ${name} in Fn::GetAtt`
      throw new AwsError('ValidationError', `Template error: ${fact}`)
    },
    importValue(name) {
      imports.add(name)
      const found = exportsOf(world).get(name)
      if (found) return found.value
      throw new AwsError('ValidationError', `No export named ${name} found`)
    },
  }
}

/** The resources whose conditions hold. */
export function wantedResources(template: Template, resolver: Resolver): string[] {
  return Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || resolver.condition(Condition))
    .map(([logicalId]) => logicalId)
}
