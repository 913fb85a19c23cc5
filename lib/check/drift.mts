import { differences } from '../script/differences.mts'
import { taskPlatform, type Platform } from '../image/image.mts'
import { imageTagged, repositoryImages } from './images.mts'
import { releaseRecords } from '../ledger/ledger.mts'
import type { AgingImage } from './lifecycle-policy.mts'
import { liveAfter } from '../ledger/record.mts'
import { runningRelease, type RunningRelease } from '../service/running-release.mts'
import { revisionName, serviceSettings } from '../service/service.mts'
import { stackOutputs } from '../stack/stack.mts'
import type { StackOutputs } from '../stack/outputs.mts'
import type { Target } from '../environment/target.mts'
import { comparable, taskDefinition } from '../service/task-definition.mts'

/** How what runs differs from what the files here say, a line each; no lines where it does not. */
export interface Drift {
  /** `cpu: 256 → 512`: as it runs, and as a deployment would register it. */
  taskDefinition: string[]
  /** Deployment settings, likewise. */
  service: string[]
  /** Network, target group, roles, table and secret that the service uses, and those that the stack has. */
  stack: string[]
  /** `latest` names another image than the one that runs. */
  latest: string[]
  /** The ledger knows another revision as the one that was deployed last. */
  ledger: string[]
}

type Scope = Pick<Target, 'environment' | 'names' | 'settings' | 'region' | 'local'>

/**
 * Compares service, task definition, `latest`, ledger and stack with each other and with the settings; undefined when
 * there is no service. Image and release are what a deployment brings, and the number of tasks is `make scale`'s: no drift.
 */
export async function drift(target: Scope): Promise<Drift | undefined> {
  const outputs = await stackOutputs(target)
  const [running, platform, images, records] = await Promise.all([
    runningRelease(target),
    taskPlatform(target.local),
    repositoryImages(target.names.repository),
    releaseRecords(target),
  ])
  if (!running) return undefined
  return {
    ...settingsDrift(target, outputs, running, platform),
    latest: latestDrift(running, images),
    ledger: ledgerDrift(running, liveAfter(records ?? []).backend?.taskDefinition),
  }
}

/** What a deployment from here would register and set otherwise; what is the stack's apart. */
export function settingsDrift(
  target: Scope,
  outputs: StackOutputs,
  running: RunningRelease,
  platform: Platform,
): Pick<Drift, 'taskDefinition' | 'service' | 'stack'> {
  const image = running.taskDefinition.containerDefinitions[0]?.image ?? ''
  const wanted = taskDefinition(target, outputs, { image, platform, release: running.release })
  const definition = differences(comparable(running.taskDefinition), comparable(wanted))
  const service = serviceDrift(running.service, serviceSettings(target, outputs))
  return {
    taskDefinition: definition.filter((line) => !isOfStack(line)),
    service: service.filter((line) => !isOfStack(line)),
    stack: [...definition, ...service].filter(isOfStack),
  }
}

/** The service was set to, or the revision registered for, something that is not (or no longer) the stack's. */
function isOfStack(line: string): boolean {
  return /^(networkConfiguration\.awsvpcConfiguration\.(subnets|securityGroups)|loadBalancers\.\d+\.targetGroupArn|executionRoleArn|taskRoleArn|containerDefinitions\.[^.]+\.(environment\.(APPLICATION_TABLE|ALLOWED_ORIGINS)|secrets\.))/.test(
    line,
  )
}

/** What differs of the settings that the toolkit passes; what ECS adds to them is its own business. */
export function serviceDrift(actual: object, typed: ReturnType<typeof serviceSettings>): string[] {
  // known by another name there, or resolved to a number
  const { cluster: _, platformVersion: __, ...compared } = typed
  return differences(inOrder(shapedAs(compared, actual)) as object, inOrder(compared) as object)
}

/** Only those fields of a value that the shape has too. */
function shapedAs(shape: unknown, value: unknown): unknown {
  if (Array.isArray(shape) && Array.isArray(value)) {
    return value.map((item, index) => shapedAs(shape[index] ?? shape[0], item))
  }
  if (typeof shape !== 'object' || shape === null || typeof value !== 'object' || value === null) return value
  const fields = value as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, inner]) => (key in fields ? [[key, shapedAs(inner, fields[key])]] : [])),
  )
}

/** Lists of ids have no order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.toSorted() : value.map(inOrder)
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, inOrder(field)]))
}

export function latestDrift({ digest }: Pick<RunningRelease, 'digest'>, images: AgingImage[]): string[] {
  const latest = imageTagged(images, 'latest')?.digest
  return latest === digest ? [] : [`latest is ${latest ?? 'missing'}, and ${digest || 'no digest'} runs`]
}

export function ledgerDrift({ revision }: Pick<RunningRelease, 'revision'>, recorded: string | undefined): string[] {
  if (recorded === undefined || recorded === revision) return []
  return [`${revisionName(revision)} runs, and the ledger knows ${revisionName(recorded)} as deployed last`]
}
