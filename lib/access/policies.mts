import { arnsOf, type Scope } from './arns.mts'
import { type Permission, type RoleKind, roleKinds, type Verb, verbsOf } from './verbs.mts'
import { driftPermissions } from './drift-permissions.mts'
import { rows, type Sid } from './rows.mts'

export interface Statement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

export interface Policy {
  Version: '2012-10-17'
  Statement: Statement[]
}

/** Most characters of a managed policy, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const largestPolicy = 6144

/** A policy of each role, and one for drift: with it, that of the role that looks would be too large. */
export type PolicyKind = RoleKind | 'drift'

export const policyKinds: readonly PolicyKind[] = [...roleKinds, 'drift']

/**
 * The policies that a role has. The role that deploys also looks. What replaces the data or the admin secret has a role of its
 * own, and so has what destroys them: neither can do anything else.
 */
export const policiesOf: Record<RoleKind, readonly PolicyKind[]> = {
  look: ['look', 'drift'],
  deploy: ['look', 'drift', 'deploy'],
  recover: ['recover'],
  'break-glass': ['break-glass'],
}

/** The rows of a policy: what its verbs need, and, where it stands beside another, what that one does not have. */
export function sidsOf(kind: PolicyKind): Sid[] {
  const ofDrift = Object.keys(driftPermissions) as Sid[]
  if (kind === 'drift') return ofDrift
  const has = (of: RoleKind) => (permission: Permission) => permission.verbs.some(isVerbOf(of))
  return rows
    .filter(([, permission]) => has(kind)(permission) && !(kind === 'deploy' && has('look')(permission)))
    .map(([sid]) => sid)
    .filter((sid) => !ofDrift.includes(sid))
}

/** The roles that have a permission. */
export function rolesWith(sid: Sid): RoleKind[] {
  return (Object.keys(policiesOf) as RoleKind[]).filter((role) =>
    policiesOf[role].some((kind) => sidsOf(kind).includes(sid)),
  )
}

/** The policy of an environment; a permission that is about nothing there (no environment is promoted to it) is left out. */
export function policyFor(kind: PolicyKind, scope: Scope): Policy {
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
