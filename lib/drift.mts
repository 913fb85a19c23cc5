import { differences } from './differences.mts'
import { taskPlatform } from './image.mts'
import { releaseRecords } from './ledger.mts'
import { liveAfter } from './release-record.mts'
import { runningRelease, type RunningRelease } from './running-release.mts'
import { revisionName, serviceSettings } from './service.mts'
import { probe, read } from './shell.mts'
import { stackOutputs } from './stack.mts'
import type { StackOutputs } from './stack-outputs.mts'
import type { Target } from './target.mts'
import { comparable, taskDefinition } from './task-definition.mts'
import type { Finding } from './tools.mts'

/** How what runs differs from what the files here say, a line each; no lines where it does not. */
export interface Drift {
  /** `cpu: 256 → 512`: as it runs, and as a deployment would register it. */
  taskDefinition: string[]
  /** Network, load balancer and deployment settings, likewise. */
  service: string[]
  /** `latest` names another image than the one that runs. */
  latest: string[]
  /** The ledger knows another revision as the one that was deployed last. */
  ledger: string[]
}

/**
 * Compares service, task definition, `latest` and ledger with each other and with the settings; undefined when there is no
 * service. Image and release are what a deployment brings, and no drift.
 */
export async function drift(target: Target, known?: StackOutputs): Promise<Drift | undefined> {
  const outputs = known ?? (await stackOutputs(target))
  const running = await runningRelease(target)
  if (!running) return undefined
  const [platform, actual, latest, records] = await Promise.all([
    taskPlatform(target.local),
    read<{
      services: object[]
    }>`aws ecs describe-services --cluster ${target.names.cluster} --services ${target.names.service}`,
    latestDigest(target),
    releaseRecords(target),
  ])
  const image = running.taskDefinition.containerDefinitions[0]?.image ?? ''
  const wanted = taskDefinition(target, outputs, { image, platform, release: running.release })
  return {
    taskDefinition: differences(comparable(running.taskDefinition), comparable(wanted)),
    service: serviceDrift(actual.services[0] ?? {}, serviceSettings(target, outputs)),
    latest:
      latest === running.digest ? [] : [`latest is ${latest ?? 'missing'}, and ${running.digest || 'no digest'} runs`],
    ledger: ledgerDrift(running, liveAfter(records ?? []).backend?.taskDefinition),
  }
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

export function ledgerDrift({ revision }: Pick<RunningRelease, 'revision'>, recorded: string | undefined): string[] {
  if (recorded === undefined || recorded === revision) return []
  return [`${revisionName(revision)} runs, and the ledger knows ${revisionName(recorded)} as deployed last`]
}

async function latestDigest({ names }: Target): Promise<string | undefined> {
  const answer = await probe`aws ecr describe-images --repository-name ${names.repository} --image-ids imageTag=latest`
  if (answer.exitCode === 0) {
    const { imageDetails } = JSON.parse(answer.stdout) as { imageDetails: { imageDigest: string }[] }
    return imageDetails[0]?.imageDigest
  }
  if (/(ImageNotFound|RepositoryNotFound)Exception/.test(answer.stderr)) return undefined
  throw answer.failed()
}

/** The same for `check`: a line for each place where drift can be. */
export async function driftFindings(target: Target): Promise<Finding[]> {
  const found = await drift(target)
  if (!found) return [{ name: 'drift', status: 'SKIP', detail: 'no service runs yet' }]
  const places: [string, string[], string][] = [
    ['drift: task definition', found.taskDefinition, 'deploying the backend registers it anew'],
    ['drift: service', found.service, 'deploying the backend with --redeploy sets it anew'],
    ['drift: latest', found.latest, 'deploying the backend points it at what runs'],
    ['drift: ledger', found.ledger, 'somebody changed the service by hand; deploying or rolling back records it'],
  ]
  return places.map(([name, lines, remedy]) =>
    lines.length === 0
      ? { name, status: 'OK', detail: 'none' }
      : { name, status: 'NG', detail: lines.join('; '), remedy },
  )
}
