import { AwsError } from '../gateway/room.ts'
import { text } from './intrinsics.ts'
import type { Resolver } from './intrinsics.ts'
import type { Template } from './template.ts'
import { enumerate, exportsOf, importersOf } from './world.ts'
import type { World } from './world.ts'
import type { Output, Stack } from './model.ts'

/** A template's outputs with their values. Throws ValidationError where one cannot be had. */
export function resolveOutputs(template: Template, resolver: Resolver): Output[] {
  return Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || resolver.condition(Condition))
    .map(([key, { Value, Description, Export }]) => {
      const value = resolver.resolve(Value)
      if (value === undefined || value === null || typeof value === 'object') {
        throw new AwsError('ValidationError', `Template format error: Output ${key} is malformed.`)
      }
      return {
        key,
        value: text(value),
        ...(Description && { description: Description }),
        ...(Export && { exportName: text(resolver.resolve(Export.Name)) }),
      }
    })
}

/** Why a stack may not have these outputs: a name that is taken, or an export that another stack still needs as it was. */
export function exportConflict(world: World, stack: Stack, outputs: Output[]): string | undefined {
  const exported = exportsOf(world)
  for (const { exportName } of outputs) {
    const other = exportName && exported.get(exportName)
    if (other && other.stack !== stack) {
      return `Export with name ${exportName} is already exported by stack ${other.stack.name}.`
    }
  }
  const wanted = new Map(outputs.map(({ exportName, value }) => [exportName, value]))
  for (const { exportName, value } of stack.outputs) {
    if (exportName === undefined || wanted.get(exportName) === value) continue
    const users = importersOf(world, exportName)
    if (users.length === 0) continue
    const verb = wanted.has(exportName) ? 'update' : 'delete'
    return `Cannot ${verb} export ${exportName} as it is in use by ${enumerate(users)}.`
  }
  return undefined
}
