import { unknownMembers } from '../unknown-members.ts'
import { validationError } from './input.ts'
import type { ParameterDefinition, Template } from './template.ts'

export interface ParameterValue {
  /** As given, or the template's default: what UsePreviousValue repeats. For an SSM parameter type, its name. */
  value: string
  /** What the SSM parameter of that name held, for an SSM parameter type. */
  resolved?: string
}

export type ParameterValues = Record<string, ParameterValue>

export interface GivenParameter {
  ParameterKey?: string
  ParameterValue?: string
  UsePreviousValue?: string
}

const ssmType = 'AWS::SSM::Parameter::Value<String>'
const types = ['CommaDelimitedList', 'String', ssmType]
const members = ['AllowedPattern', 'AllowedValues', 'ConstraintDescription', 'Default', 'Description', 'Type']

/** Value of an SSM parameter; undefined when there is none of that name. */
export type LookUpParameter = (name: string) => Promise<string | undefined>

/**
 * The value of every parameter of a template.
 * Throws ValidationError for a missing, unknown or forbidden value, in AWS's words.
 */
export async function resolveParameters(
  template: Template,
  given: GivenParameter[],
  previous: ParameterValues,
  lookUpParameter: LookUpParameter,
): Promise<ParameterValues> {
  const definitions = template.Parameters ?? {}
  for (const [key, definition] of Object.entries(definitions)) checkKind(key, definition)
  const byKey = new Map(given.map((parameter) => [parameter.ParameterKey ?? '', parameter]))
  const unknown = [...byKey.keys()].filter((key) => !Object.hasOwn(definitions, key))
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`)

  const values = Object.entries(definitions).map(([key, definition]) => {
    const parameter = byKey.get(key)
    const value =
      parameter?.UsePreviousValue === 'true'
        ? previous[key]?.value
        : (parameter?.ParameterValue ?? definition.Default?.toString())
    return { key, definition, value }
  })
  const missing = values.filter(({ value }) => value === undefined).map(({ key }) => key)
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`)
  for (const { key, definition, value } of values) checkConstraints(key, definition, value!)

  const resolved = await Promise.all(
    values.map(async ({ key, definition, value }): Promise<[string, ParameterValue]> => {
      if (definition.Type !== ssmType) return [key, { value: value! }]
      const found = await lookUpParameter(value!)
      if (found !== undefined) return [key, { value: value!, resolved: found }]
      throw validationError(`Unable to fetch parameters [${value}] from parameter store for this account.`)
    }),
  )
  return Object.fromEntries(resolved)
}

/** What `Ref` of a parameter gives: a list for list types, else a string. */
export function parameterRef(definition: ParameterDefinition, { value, resolved }: ParameterValue): string | string[] {
  const text = resolved ?? value
  if (definition.Type !== 'CommaDelimitedList') return text
  return text === '' ? [] : text.split(',').map((item) => item.trim())
}

/** Refuses what is not here. */
function checkKind(key: string, definition: ParameterDefinition): void {
  const [unknown] = types.includes(definition.Type)
    ? unknownMembers(definition, members)
    : [`type '${definition.Type}'`]
  if (unknown) throw validationError(`the local AWS has no parameters with ${unknown} (${key})`)
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
function checkConstraints(key: string, definition: ParameterDefinition, value: string): void {
  const { AllowedValues: allowed, AllowedPattern: pattern } = definition
  const fail = (fact: string): never => {
    const constraint = definition.ConstraintDescription
    throw validationError(constraint ? `Parameter ${key} failed to satisfy constraint: ${constraint}` : fact)
  }
  if (allowed && !allowed.map(String).includes(value)) fail(`Parameter '${key}' must be one of AllowedValues`)
  if (pattern && !new RegExp(`^(?:${pattern})$`).test(value)) fail(`Parameter '${key}' must match pattern ${pattern}`)
}
