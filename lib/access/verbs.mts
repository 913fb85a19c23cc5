import type { arnsOf, Scope } from './arns.mts'

/** One statement of a policy. */
export interface Permission {
  actions: readonly string[]
  /** ARNs, by the names of the environment. */
  on: (arns: ReturnType<typeof arnsOf>) => string[]
  /** Condition operator → key → value. */
  when?: (scope: Scope) => Record<string, Record<string, string>>
  /** The scripts in deploy/ that call it. */
  verbs: readonly Verb[]
  why: string
}

/** Scripts in deploy/, by the role that runs them. */
export const verbsOf = {
  look: [
    'check',
    'debug',
    'diff',
    'health',
    'invalidation',
    'logs',
    'releases',
    'revisions',
    'status',
    'urls',
    'watch',
  ],
  deploy: [
    'all',
    'backend',
    'frontend',
    'infrastructure',
    'promote',
    'rollback',
    'rollback-frontend',
    'rollback-infrastructure',
    'rollback-release',
    'scale',
    'unlock',
  ],
  recover: ['restore', 'rotate-admin-secret'],
  'break-glass': ['admin-secret', 'destroy'],
} as const

export type RoleKind = keyof typeof verbsOf
export type Verb = (typeof verbsOf)[RoleKind][number]

export const roleKinds = Object.keys(verbsOf) as RoleKind[]

export const stackVerbs = ['all', 'infrastructure', 'rollback-infrastructure'] as const
export const imageVerbs = ['all', 'backend', 'promote'] as const
export const siteVerbs = ['all', 'frontend', 'promote', 'rollback-frontend', 'rollback-release'] as const
export const rolloutVerbs = ['all', 'backend', 'promote', 'rollback', 'rollback-release'] as const
/** Whatever deploys once more what runs. */
export const recoveryVerbs = verbsOf.recover
/** Whatever looks at what runs, to compare it, or to know which table is in use. */
export const comparingVerbs = [
  'check',
  'diff',
  'infrastructure',
  'revisions',
  'rollback-infrastructure',
  'status',
  'watch',
] as const
/** Whatever takes the lock and keeps a record. */
export const recording: Verb[] = [
  ...new Set<Verb>([...stackVerbs, ...imageVerbs, ...siteVerbs, ...rolloutVerbs, ...recoveryVerbs]),
]
/** All verbs that have a role. */
export const everyVerb: Verb[] = Object.values(verbsOf).flat()
