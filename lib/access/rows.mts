import type { EnvironmentNames } from '../environment/environments.mts'
import { backendPermissions } from './backend-permissions.mts'
import { driftPermissions } from './drift-permissions.mts'
import { otherPermissions } from './other-permissions.mts'
import type { Permission } from './verbs.mts'
import { sitePermissions } from './site-permissions.mts'

/*
 * Every permission that the toolkit needs of AWS, once: the policies (policies.mts) and docs/PERMISSIONS.md are made of this
 * table, and test/e2e/least-privilege.slow.test.mts runs the verbs with nothing else. Actions and their resources:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
 */

export const permissions = { ...backendPermissions, ...sitePermissions, ...otherPermissions, ...driftPermissions }

export type Sid = keyof typeof permissions

/** The table's rows, with the type that all of them have. */
export const rows = Object.entries(permissions) as [Sid, Permission][]

/** The environment whose releases are promoted to this one; undefined: none is. */
export const promotedFrom: Partial<Record<EnvironmentNames['environment'], EnvironmentNames['environment']>> = {
  staging: 'development',
  production: 'staging',
}
