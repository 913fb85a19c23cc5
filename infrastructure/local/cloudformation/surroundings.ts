import { validationError } from './input.ts'
import type { Resolver, Surroundings } from './intrinsics.ts'
import type { Template } from './template.ts'
import type { Stack, StackResource } from './model.ts'

/** What a template's intrinsics see of its stack. */
export function surroundings(
  stack: Stack,
  notificationArns: string[],
  resource: (logicalId: string) => StackResource | undefined,
): Surroundings {
  const existing = (logicalId: string): StackResource => {
    const found = resource(logicalId)
    if (found) return found
    throw validationError(
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
      throw validationError(`Template error: ${fact}`)
    },
  }
}

/** The resources whose conditions hold. */
export function wantedResources(template: Template, resolver: Resolver): string[] {
  return Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || resolver.condition(Condition))
    .map(([logicalId]) => logicalId)
}
