import { arnsOf, type Scope } from './arns.mts'
import { type Permission, type RoleKind, type Verb, verbsOf } from './permission.mts'
import { rows, type Sid } from './permissions.mts'

export interface Statement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, string>>
}

export interface Policy {
  Version: '2012-10-17'
  Statement: Statement[]
}

/** Most characters of a managed policy, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const largestPolicy = 6144

/**
 * The policies that a role has. The role that deploys also looks. What replaces the data or the admin secret has a role of its
 * own, and so has what destroys them: neither can do anything else.
 */
export const policiesOf: Record<RoleKind, readonly RoleKind[]> = {
  look: ['look'],
  deploy: ['look', 'deploy'],
  recover: ['recover'],
  'break-glass': ['break-glass'],
}

/** The rows of a policy: what its verbs need, and, where it stands beside another, what that one does not have. */
export function sidsOf(kind: RoleKind): Sid[] {
  const has = (of: RoleKind) => (permission: Permission) => permission.verbs.some(isVerbOf(of))
  return rows
    .filter(([, permission]) => has(kind)(permission) && !(kind === 'deploy' && has('look')(permission)))
    .map(([sid]) => sid)
}

/** The roles that have a permission. */
export function rolesWith(sid: Sid): RoleKind[] {
  return (Object.keys(policiesOf) as RoleKind[]).filter((role) =>
    policiesOf[role].some((kind) => sidsOf(kind).includes(sid)),
  )
}

/** The policy of an environment; a permission that is about nothing there (no environment is promoted to it) is left out. */
export function policyFor(kind: RoleKind, scope: Scope): Policy {
  const arns = arnsOf(scope)
  const wanted = new Set<string>(sidsOf(kind))
  const statements = rows
    .filter(([sid]) => wanted.has(sid))
    .map(([sid, { actions, on, when }]): Statement => ({
      Sid: sid,
      Effect: 'Allow',
      Action: [...actions],
      Resource: on(arns),
      ...(when && { Condition: when(scope) }),
    }))
  return { Version: '2012-10-17', Statement: statements.filter(({ Resource }) => Resource.length > 0) }
}

function isVerbOf(kind: RoleKind): (verb: Verb) => boolean {
  return (verb) => (verbsOf[kind] as readonly Verb[]).includes(verb)
}
