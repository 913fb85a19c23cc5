import type { SelectedEnvironment } from '../environment/target.mts'
import { chooseTaskPlatform, type Platform } from '../image/image.mts'
import { listReleaseRecords } from '../ledger/ledger.mts'
import { liveAfter } from '../ledger/record.mts'
import { differenceLine, differences, type Difference } from '../script/differences.mts'
import { revisionName, readRunningRelease, serviceSettings, type RunningRelease } from '../service/service.mts'
import { comparable, tableInUse, taskDefinition } from '../service/task-definition.mts'
import type { StackOutputs } from '../stack/stack.mts'
import { imageTagged, listImages, type StoredImage } from './images.mts'

/** The differences between the running service and the files here, a line each. */
interface Drift {
  /** `cpu: 256 → 512`: the running value, and the one that a deployment would register. */
  taskDefinition: string[]
  /** The service's settings. */
  service: string[]
  /** The network, target group, roles, table and secret that the service uses, and those of the stack. */
  stack: string[]
  /** `latest` does not name the running image. */
  latest: string[]
  /** The ledger has another revision as the last one that was deployed. */
  ledger: string[]
}

/**
 * Compares service, task definition, `latest`, ledger and stack with each other and with the settings; undefined when
 * there is no service. Image, release and number of tasks are no drift: deployments and `make scale` change them.
 */
export async function findServiceDrift(target: SelectedEnvironment, outputs: StackOutputs): Promise<Drift | undefined> {
  const [running, platform, images, records] = await Promise.all([
    readRunningRelease(target),
    chooseTaskPlatform(target.local),
    listImages(target.names.repository),
    listReleaseRecords(target),
  ])
  if (!running) return undefined
  return {
    ...settingsDrift(target, outputs, running, platform),
    latest: latestDrift(running, images),
    ledger: ledgerDrift(running, liveAfter(records ?? []).backend?.taskDefinition),
  }
}

/** What a deployment from here would register and set differently; what comes from the stack is listed separately. */
export function settingsDrift(
  target: SelectedEnvironment,
  outputs: StackOutputs,
  running: RunningRelease,
  platform: Platform,
): Pick<Drift, 'taskDefinition' | 'service' | 'stack'> {
  const image = running.taskDefinition.containerDefinitions[0]?.image ?? ''
  const table = tableInUse(target, outputs, running)
  const ours = taskDefinition(target, outputs, { image, platform, release: running.release, table })
  const definition = differences(comparable(running.taskDefinition), comparable(ours))
  const service = serviceDrift(running.service, serviceSettings(target, outputs))
  const notOfStack = (found: Difference[]) => found.filter((each) => !isOfStack(each)).map(differenceLine)
  return {
    taskDefinition: notOfStack(definition),
    service: notOfStack(service),
    stack: [...definition, ...service].filter(isOfStack).map(differenceLine),
  }
}

/** What a service and its revision take from the stack, by its path. */
const ofStack =
  /^(networkConfiguration\.awsvpcConfiguration\.(subnets|securityGroups)\.|loadBalancers\.\d+\.targetGroupArn$|(executionRoleArn|taskRoleArn)$|containerDefinitions\.[^.]+\.(environment\.(APPLICATION_TABLE|ALLOWED_ORIGINS|TARGET_GROUP_ARN)$|secrets\.))/

/** Service or revision use something that is not (or no longer) the stack's. */
function isOfStack({ path, from }: Difference): boolean {
  // an older revision names no target group
  const isNew = path.endsWith('.TARGET_GROUP_ARN') && from === undefined
  return ofStack.test(path) && !isNew
}

/** The differences in the settings that the toolkit passes; what ECS adds to them is left out. */
export function serviceDrift(actual: object, ours: ReturnType<typeof serviceSettings>): Difference[] {
  // ECS returns both in another form
  const { cluster: _, platformVersion: __, ...compared } = ours
  const found = differences(inOrder(shapedAs(compared, actual)) as object, inOrder(compared) as object)
  return found.filter((each) => !isExpected(each))
}

function isExpected({ path, from, to }: Difference): boolean {
  // a way back was not watched, and the next deployment is again
  if (/^deploymentConfiguration\.alarms\.(enable|rollback)$/.test(path)) return from === 'false' && to === 'true'
  // an old `aws` neither shows nor sets it
  return path === 'availabilityZoneRebalancing' && from === undefined
}

/** The fields of a value that the shape has too. */
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

/** Sorts lists of ids, whose order means nothing. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.toSorted() : value.map(inOrder)
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, inOrder(field)]))
}

export function latestDrift({ digest }: Pick<RunningRelease, 'digest'>, images: StoredImage[]): string[] {
  const latest = imageTagged(images, 'latest')?.digest
  return latest === digest ? [] : [`latest is ${latest ?? 'missing'}, but ${digest || 'no digest'} runs`]
}

export function ledgerDrift({ revision }: Pick<RunningRelease, 'revision'>, recorded: string | undefined): string[] {
  if (recorded === undefined || recorded === revision) return []
  return [`${revisionName(revision)} runs, but the ledger says that ${revisionName(recorded)} was deployed last`]
}
