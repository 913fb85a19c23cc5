import { conditionsHold, type Conditions } from './conditions.ts'
import { matchesPrincipal, type Caller, type PrincipalElement } from './principals.ts'
import { listOf, matchesArn, matchesText } from './wildcards.ts'

export interface PolicyDocument {
  Statement: Statement | Statement[]
}

export interface Statement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  /** In the policy of a bucket, and in that of who may assume a role. */
  Principal?: PrincipalElement
  Condition?: Conditions
}

/** One thing that a call needs: an action on a resource, and what is known about both. */
export interface Need {
  /** `ecs:UpdateService` */
  action: string
  /** An ARN, or `*` where the action is about none. */
  resource: string
  /** Condition keys and their values, such as `iam:PassedToService`. */
  context?: Record<string, string | string[]>
}

export type Verdict =
  /** @property sids of the statements that allow it */
  { is: 'allowed'; sids: string[] } | { is: 'not allowed' } | { is: 'denied' }

/**
 * What policies say about a need: an explicit deny wins over every allow, and without an allow nothing is allowed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @param caller where the statements name who may
 */
export function judge(policies: PolicyDocument[], need: Need, caller?: Caller): Verdict {
  const matching = policies
    .flatMap(({ Statement }) => listOf(Statement))
    .filter((statement) => applies(statement, need, caller))
  if (matching.some(({ Effect }) => Effect === 'Deny')) return { is: 'denied' }
  if (matching.length === 0) return { is: 'not allowed' }
  return { is: 'allowed', sids: matching.flatMap(({ Sid }) => Sid ?? []) }
}

function applies(statement: Statement, { action, resource, context = {} }: Need, caller?: Caller): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition } = statement
  const named = (patterns: string | string[]) => listOf(patterns).some((pattern) => matchesText(pattern, action))
  const about = (patterns: string | string[]) => listOf(patterns).some((pattern) => matchesArn(pattern, resource))
  return (
    (Action === undefined ? NotAction !== undefined && !named(NotAction) : named(Action)) &&
    // a trust policy has no resource: it is the role's own
    (Resource === undefined ? NotResource === undefined || !about(NotResource) : about(Resource)) &&
    (caller === undefined || (Principal !== undefined && matchesPrincipal(Principal, caller))) &&
    (Condition === undefined || conditionsHold(Condition, context))
  )
}
