import { account } from '../settings.ts'
import { listOf, matchesArn } from './wildcards.ts'

export type PrincipalElement = '*' | Partial<Record<'AWS' | 'Service' | 'Federated', string | string[]>>

/** Who asks: `AWS` an ARN of this account, `Service` a service's name, `Federated` a provider's ARN, or anyone without a name. */
export interface Caller {
  kind: 'AWS' | 'Service' | 'Federated' | 'Anonymous'
  name: string
}

/**
 * The account stands for everyone in it whom their own policies allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function matchesPrincipal(principal: PrincipalElement, { kind, name }: Caller): boolean {
  if (principal === '*' || listOf(principal.AWS ?? []).includes('*')) return true
  if (kind === 'Anonymous') return false
  const wanted = listOf(principal[kind] ?? [])
  if (kind !== 'AWS') return wanted.includes(name)
  return wanted.some((each) => [account, `arn:aws:iam::${account}:root`].includes(each) || isSame(each, name))
}

/** A session of a role is also the role. */
function isSame(wanted: string, caller: string): boolean {
  const role = roleOf(caller)
  return matchesArn(wanted, caller) || (role !== undefined && wanted === `arn:aws:iam::${account}:role/${role}`)
}

/** The name of the role whose session this is; undefined: it is no role's. */
export function roleOf(callerArn: string): string | undefined {
  return /^arn:aws:sts::\d+:assumed-role\/([^/]+)\//.exec(callerArn)?.[1]
}
