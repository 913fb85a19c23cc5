import { listOf, matchesArn, matchesText } from './wildcards.ts'

/** Operator → key → wanted values. */
export type Conditions = Record<string, Record<string, string | boolean | (string | boolean)[]>>

type Test = (wanted: string, found: string) => boolean

const tests: Record<string, Test> = {
  StringEquals: (wanted, found) => wanted === found,
  StringEqualsIgnoreCase: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
  StringLike: (wanted, found) => matchesText(wanted, found, true),
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
}

/**
 * Whether all conditions of a statement hold. A key that the call does not have fulfils only the negated operators, those
 * that end with IfExists, and Null.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * @throws for an operator that is not evaluated here: no policy is half understood
 */
export function conditionsHold(conditions: Conditions, context: Record<string, string | string[]>): boolean {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), listOf(value)]))
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator, listOf(wanted).map(String), known.get(key.toLowerCase())),
    ),
  )
}

function holds(operator: string, wanted: string[], found: string[] | undefined): boolean {
  if (operator === 'Null') return wanted.some((isMissing) => (isMissing === 'true') === (found === undefined))
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? []
  const isNegated = /^(String|Arn)Not/.test(name)
  const test = tests[name.replace(/^(String|Arn)Not/, '$1')]
  if (!test) throw new Error(`the local AWS does not evaluate the condition operator ${operator}`)
  if (found === undefined) return isNegated || ifExists !== undefined || set === 'ForAllValues'
  const fits = (value: string) => wanted.some((each) => test(each, value)) !== isNegated
  return set === 'ForAnyValue' ? found.some(fits) : found.every(fits)
}
