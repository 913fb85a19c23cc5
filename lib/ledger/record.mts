import { exitCodes, Failure, isInterruption } from '../script/failure.mts'

export type Component = 'infrastructure' | 'backend' | 'frontend'

/** `under way` is the only one that is not final: a record keeps it when its run was killed. */
export type Status = keyof typeof exitCodes | 'unchanged' | 'stopped' | 'under way'

/** What a run did to one component, and what that component is since then. */
export interface ComponentRecord {
  status: Status
  seconds: number
  /** Why it is not deployed. */
  reason?: string
  /** Backend: digest of the image, ARN of the task definition, release id that /health reports. */
  digest?: string
  taskDefinition?: string
  /** Backend: the table that a restore made it use. */
  table?: string
  /** Frontend: release id that the page names. Backend: release id that /health reports. */
  release?: string
  /** Frontend: keys that were uploaded. */
  files?: string[]
  /** Infrastructure: the commit that a rollback brought, which is not the run's own; empty when unknown. */
  commit?: string
}

/** One run of a verb that changes what is live, as the ledger keeps it. Times are ISO 8601, UTC. */
export interface ReleaseRecord {
  /** `<UTC timestamp>-<git sha>[-dirty]`. */
  id: string
  environment: string
  /** What was run: `make deploy-prod`, `./deploy/backend.mts staging`. */
  command: string
  sha: string
  dirty: boolean
  /** Who, as a person would say it, and the ARN that AWS knew. */
  by: string
  identity: string
  host: string
  /** When it took the lock. Its id is older where it first asked, or waited for a quiz. */
  startedAt: string
  endedAt?: string
  verdict: Status
  reason?: string
  note?: string
  /** URL of the CI run. */
  run?: string
  /** What this run rolled back: the id of a release, or the revision of one that the ledger does not know. */
  rollbackOf?: string
  /** Where the image and the site of this run were verified before: an environment, and the id of its release. */
  promotedFrom?: { environment: string; release: string }
  components: { [Name in Component]?: ComponentRecord }
}

/** What a failure means for the record. */
export function statusOf(error: unknown): Status {
  if (!(error instanceof Failure)) return 'failed'
  if (isInterruption(error)) return 'stopped'
  const known = Object.entries(exitCodes).find(([, exitCode]) => exitCode === error.exitCode)
  return (known?.[0] as Status | undefined) ?? 'failed'
}

/** Records in the order in which their runs changed something, which is not that of their ids. */
export function newestFirst(records: ReleaseRecord[]): ReleaseRecord[] {
  return records.toSorted((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt))
}

/** Whether the run, or a part of it, ended before its result was known: ECS may have continued. */
export function isUnfinished({ verdict, components }: ReleaseRecord): boolean {
  const open = ['under way', 'stopped', 'still running', 'not verified']
  return [verdict, ...Object.values(components).map(({ status }) => status)].some((status) => open.includes(status))
}

/** The last run, when it ended so. */
export function unfinishedRun([last]: ReleaseRecord[] = []): ReleaseRecord | undefined {
  return last && isUnfinished(last) ? last : undefined
}

/** What the last run rolled back, and which revision (its ARN) it would bring, when it ended before that was verified. */
export function unfinishedRollback(
  records: ReleaseRecord[],
): { rollbackOf: string; revision: string | undefined } | undefined {
  const [last] = records
  if (last?.rollbackOf === undefined || !isUnfinished(last)) return undefined
  // a killed run has not written it down
  const live = liveAfter(records).backend?.taskDefinition
  const planned = live && previousVerified(records, 'backend', live)?.components.backend?.taskDefinition
  return { rollbackOf: last.rollbackOf, revision: last.components.backend?.taskDefinition ?? planned }
}

/** Proven to be live when the run ended. */
export function isVerified(component: ComponentRecord | undefined): component is ComponentRecord {
  return component?.status === 'deployed' || component?.status === 'unchanged'
}

/**
 * The result of the deployment that registered a revision, when it failed and the revision never came up later.
 * @param revision ARN of the task definition
 * @param release the one that registered it
 */
export function badEnd(records: ReleaseRecord[], revision: string, release: string): ComponentRecord | undefined {
  const tried = records.find(({ id }) => id === release)?.components.backend
  if (tried?.status !== 'failed' && tried?.status !== 'rolled back') return undefined
  const wasVerified = records.some(
    ({ components: { backend } }) => isVerified(backend) && backend.taskDefinition === revision,
  )
  return wasVerified ? undefined : tried
}

type LiveComponents = { [Name in Component]?: ComponentRecord & { record: ReleaseRecord } }

/** What was live after the first of these records, newest first: of each component what was verified last. */
export function liveAfter(records: ReleaseRecord[]): LiveComponents {
  const live: LiveComponents = {}
  for (const name of ['infrastructure', 'backend', 'frontend'] as const) {
    const record = records.find(({ components }) => isVerified(components[name]))
    const component = record?.components[name]
    if (record && component) live[name] = { ...component, record }
  }
  return live
}

/** The commit that a record's infrastructure is of, with `-dirty` when it had uncommitted changes. */
export function infrastructureCommit({ sha, dirty, components }: ReleaseRecord): string {
  return components.infrastructure?.commit ?? (dirty ? `${sha}-dirty` : sha)
}

/** What identifies a component's release. */
const identities = {
  infrastructure: (_: ComponentRecord, record: ReleaseRecord) => infrastructureCommit(record),
  backend: (component: ComponentRecord) => component.taskDefinition,
  frontend: (component: ComponentRecord) => component.release,
} satisfies Record<Component, (component: ComponentRecord, record: ReleaseRecord) => string | undefined>

/** A release in the list that `effectiveHistory` returns. */
interface Layer {
  record: ReleaseRecord
  /** What was live after it: layers with the same identity are the same release. */
  identity: string | undefined
}

/**
 * Releases form a stack, oldest first: a deployment is pushed onto it, and a rollback pops everything above its target, so
 * that a second rollback goes one further back and not forward to the release that was just left.
 * @param isPushed whether a rollback to something that is not in the stack becomes its top
 */
export function effectiveHistory<L extends Layer>(layers: L[], isPushed: (layer: L) => boolean = () => true): L[] {
  const stack: L[] = []
  for (const layer of layers) {
    const isRollback = layer.record.rollbackOf !== undefined
    const place = stack.findLastIndex(({ identity }) => identity === layer.identity)
    if (isRollback && place >= 0) stack.splice(place + 1)
    else if (isRollback && !isPushed(layer)) continue
    else if (place < 0 || place !== stack.length - 1) stack.push(layer)
  }
  return stack
}

/**
 * The verified release before the live one, from records that are newest first; the top of the stack when the ledger does
 * not know the live one.
 * @param current task definition ARN, frontend release or commit of the infrastructure that is live
 */
export function previousVerified(
  records: ReleaseRecord[],
  component: Component,
  current: string,
): ReleaseRecord | undefined {
  const layers = records.toReversed().flatMap((record) => {
    const facts = record.components[component]
    return isVerified(facts) ? [{ record, identity: identities[component](facts, record) }] : []
  })
  const stack = effectiveHistory(layers)
  const place = stack.findLastIndex(({ identity }) => identity === current)
  return place < 0 ? stack.at(-1)?.record : stack[place - 1]?.record
}

/** `10:15:02 UTC`, with the day when that is not today. */
export function clock(iso: string, now = Date.now()): string {
  const [day = '', time = ''] = iso.split('T')
  const today = new Date(now).toISOString().startsWith(day)
  return `${today ? '' : `${day} `}${time.slice(0, 8)} UTC`
}
