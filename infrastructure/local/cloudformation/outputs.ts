import { validationError } from './input.ts'
import { text, type Resolver } from './intrinsics.ts'
import type { Template } from './template.ts'
import type { Output } from './model.ts'

/** A template's outputs with their values. Throws ValidationError where one cannot be had. */
export function resolveOutputs(template: Template, resolver: Resolver): Output[] {
  return Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || resolver.condition(Condition))
    .map(([key, { Value, Description, Export }]) => {
      const value = resolver.resolve(Value)
      if (value === undefined || value === null || typeof value === 'object') {
        throw validationError(`Template format error: Output ${key} is malformed.`)
      }
      return {
        key,
        value: text(value),
        ...(Description && { description: Description }),
        ...(Export && { exportName: text(resolver.resolve(Export.Name)) }),
      }
    })
}
