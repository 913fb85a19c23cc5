import { matchesWildcard } from '../wildcard.ts'

/** A policy document as S3 keeps it. */
export interface PolicyDocument {
  Statement: Statement | Statement[]
}

interface Statement {
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | Record<string, string | string[]>
  NotPrincipal?: unknown
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  Condition?: Record<string, Record<string, Scalar | Scalar[]>>
}

type Scalar = string | number | boolean

export interface AccessRequest {
  /** `cloudfront.amazonaws.com`; undefined: anonymous. */
  service: string | undefined
  action: string
  resource: string
  /** Condition keys in lower case. */
  context: Record<string, string>
}

/**
 * Whether a bucket policy lets a request pass: an explicit Deny wins, then an Allow is needed.
 * A condition that is not known here makes a Deny apply and an Allow not: the safe side of both.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function allows(policy: PolicyDocument | undefined, request: AccessRequest): boolean {
  const statements = [policy?.Statement ?? []].flat()
  const applies = (effect: Statement['Effect']) =>
    statements.some((statement) => statement.Effect === effect && matches(statement, request))
  return !applies('Deny') && applies('Allow')
}

function matches(statement: Statement, { service, action, resource, context }: AccessRequest): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement
  // actions are the one part of a policy that is not case-sensitive
  const isAction = (list: string | string[]) => matchesAny(lower(list), action.toLowerCase())
  const actionFits = Action === undefined ? !isAction(NotAction ?? '*') : isAction(Action)
  const resourceFits =
    Resource === undefined ? !matchesAny(NotResource ?? '*', resource) : matchesAny(Resource, resource)
  if (!actionFits || !resourceFits || !principalFits(statement, service)) return false
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const holds = conditionHolds(operator, context[key.toLowerCase()], [values].flat().map(String))
      return holds ?? statement.Effect === 'Deny'
    }),
  )
}

function principalFits({ Principal, NotPrincipal, Effect }: Statement, service: string | undefined): boolean {
  if (NotPrincipal !== undefined) return Effect === 'Deny'
  if (Principal === undefined) return false
  if (Principal === '*') return true
  if ([Principal['AWS'] ?? []].flat().includes('*')) return true
  return service !== undefined && [Principal['Service'] ?? []].flat().includes(service)
}

type Comparison = (actual: string, expected: string) => boolean

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const comparisons: Record<string, Comparison> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: (actual, expected) => matchesWildcard(expected, actual),
  ArnEquals: (actual, expected) => matchesWildcard(expected, actual),
  ArnLike: (actual, expected) => matchesWildcard(expected, actual),
  Bool: (actual, expected) => actual === expected.toLowerCase(),
  NumericEquals: (actual, expected) => Number(actual) === Number(expected),
  NumericLessThan: (actual, expected) => Number(actual) < Number(expected),
  NumericLessThanEquals: (actual, expected) => Number(actual) <= Number(expected),
  NumericGreaterThan: (actual, expected) => Number(actual) > Number(expected),
  NumericGreaterThanEquals: (actual, expected) => Number(actual) >= Number(expected),
}

/** undefined: an operator that is not known here. */
function conditionHolds(operator: string, actual: string | undefined, expected: string[]): boolean | undefined {
  if (operator === 'Null') return expected.includes(String(actual === undefined))
  const ifExists = operator.endsWith('IfExists')
  const name = ifExists ? operator.slice(0, -'IfExists'.length) : operator
  const negated = /^(String|Arn|Numeric)Not(Equals|EqualsIgnoreCase|Like)$/.test(name)
  const compare = comparisons[negated ? name.replace('Not', '') : name]
  if (!compare) return undefined
  if (actual === undefined) return ifExists || negated
  const found = expected.some((value) => compare(actual, value))
  return negated ? !found : found
}

function matchesAny(patterns: string | string[], text: string): boolean {
  return [patterns].flat().some((pattern) => matchesWildcard(pattern, text))
}

function lower(list: string | string[]): string[] {
  return [list].flat().map((each) => each.toLowerCase())
}
