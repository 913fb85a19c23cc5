import { account, region } from '../settings.ts'
import { validationError } from './input.ts'
import { parameterRef, type ParameterValues } from './parameters.ts'
import { substitute } from './references.ts'
import { splitAttribute, type Template } from './template.ts'

/** Where a resolver finds what is outside the template. */
export interface Surroundings {
  stackName: string
  stackId: string
  notificationArns: string[]
  /** Physical id of a resource. */
  physicalId(logicalId: string): string
  attribute(logicalId: string, name: string): unknown
}

export interface Resolver {
  /** A value with every intrinsic replaced; members that are `AWS::NoValue` are gone. */
  resolve(value: unknown): unknown
  condition(name: string): boolean
}

/** What a change set shows for a value that only execution brings: AWS's own words. */
export const unknownYet = '{{changeSet:KNOWN_AFTER_APPLY}}'

const noValue = Symbol('AWS::NoValue')

/** Intrinsic functions: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
export function createResolver(template: Template, parameters: ParameterValues, around: Surroundings): Resolver {
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': account,
    'AWS::NoValue': noValue,
    'AWS::NotificationARNs': around.notificationArns,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': around.stackId,
    'AWS::StackName': around.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  }
  const conditions = new Map<string, boolean>()

  const ref = (name: string): unknown => {
    if (Object.hasOwn(pseudo, name)) return pseudo[name]
    const definition = template.Parameters?.[name]
    return definition ? parameterRef(definition, parameters[name]!) : around.physicalId(name)
  }

  const condition = (name: string): boolean => {
    const known = conditions.get(name)
    if (known !== undefined) return known
    const result = truth(template.Conditions?.[name])
    conditions.set(name, result)
    return result
  }

  const truth = (expression: unknown): boolean => {
    if (isObject(expression) && typeof expression['Condition'] === 'string') return condition(expression['Condition'])
    const value = evaluate(expression)
    if (typeof value === 'boolean') return value
    throw validationError('Template format error: Every Conditions member must be a boolean expression.')
  }

  const list = (argument: unknown): unknown[] | typeof unknownYet => {
    const value = evaluate(argument)
    if (Array.isArray(value) || value === unknownYet) return value
    throw validationError('Template error: Fn::Join, Fn::Select and the like need a list')
  }

  const functions: Record<string, (argument: never) => unknown> = {
    Ref: ref,
    'Fn::And': (all: unknown[]) => all.every(truth),
    'Fn::Not': ([one]: unknown[]) => !truth(one),
    // only in Rules
    'Fn::Contains': ([items, one]: unknown[]) =>
      [list(items)]
        .flat()
        .map(text)
        .includes(text(evaluate(one))),
    'Fn::Equals': ([left, right]: unknown[]) => text(evaluate(left)) === text(evaluate(right)),
    'Fn::If': ([name, then, otherwise]: [string, unknown, unknown]) => evaluate(condition(name) ? then : otherwise),
    // a region's zones as every account sees them; moto has these six in us-east-1
    'Fn::GetAZs': (of: unknown) =>
      ['a', 'b', 'c', 'd', 'e', 'f'].map((zone) => `${text(evaluate(of)) || region}${zone}`),
    'Fn::FindInMap': (path: unknown[]) => findInMap(template, path.slice(0, 3).map(evaluate).map(text)),
    'Fn::GetAtt': (argument: string | [string, unknown]) => {
      const [id, attribute] = typeof argument === 'string' ? splitAttribute(argument) : argument
      return around.attribute(id, text(evaluate(attribute)))
    },
    'Fn::Join': ([separator, items]: [string, unknown]) => {
      const values = list(items)
      return values === unknownYet ? unknownYet : values.map(text).join(separator)
    },
    'Fn::Select': ([index, items]: [unknown, unknown]) => {
      const values = list(items)
      return values === unknownYet ? unknownYet : select(Number(text(evaluate(index))), values)
    },
    'Fn::Split': ([separator, source]: [string, unknown]) => {
      const value = text(evaluate(source))
      return value.includes(unknownYet) ? unknownYet : value.split(separator)
    },
    'Fn::Sub': (argument: string | [string, Record<string, unknown>]) => {
      const [source, variables] = Array.isArray(argument) ? argument : [argument, {}]
      return substitute(source, (name) => {
        if (Object.hasOwn(variables, name)) return text(evaluate(variables[name]))
        const [id, attribute] = splitAttribute(name)
        return text(attribute ? around.attribute(id, attribute) : ref(name))
      })
    },
  }

  const evaluate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(evaluate).filter((item) => item !== noValue)
    if (!isObject(value)) return value
    const [key, ...others] = Object.keys(value)
    if (key !== undefined && others.length === 0) {
      const perform = Object.hasOwn(functions, key) ? functions[key] : undefined
      if (perform) return perform(value[key] as never)
      if (key.startsWith('Fn::')) throw validationError(`Template error: Encountered unsupported function: ${key}`)
    }
    const entries = Object.entries(value).map(([name, inner]) => [name, evaluate(inner)] as const)
    return Object.fromEntries(entries.filter(([, inner]) => inner !== noValue))
  }

  return {
    condition,
    resolve(value) {
      const result = evaluate(value)
      return result === noValue ? undefined : result
    },
  }
}

/** A value as CloudFormation joins, compares and shows it. */
export function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function select(index: number, values: unknown[]): unknown {
  if (Number.isInteger(index) && index >= 0 && index < values.length) return values[index]
  throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${index}`)
}

function findInMap(template: Template, [map, first, second]: string[]): unknown {
  const value = template.Mappings?.[map!]?.[first!]?.[second!]
  if (value !== undefined) return value
  throw validationError(`Template error: Unable to get mapping for ${map}::${first}::${second}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
