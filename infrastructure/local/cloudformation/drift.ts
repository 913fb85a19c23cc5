import { isDeepStrictEqual } from 'node:util'
import type { Detection, PropertyDifference, ResourceDrift, StackResource } from './model.ts'
import type { Properties, ResourceType } from './resource-type.ts'

/** How a resource is now, against its properties in force; undefined where its type cannot be checked. */
export async function driftOf(
  { physicalId, attributes, properties }: StackResource,
  type: ResourceType,
): Promise<ResourceDrift | undefined> {
  if (!type.read) return undefined
  const timestamp = new Date()
  try {
    const live = await type.read({ physicalId, attributes })
    if (!live) return { status: 'DELETED', timestamp }
    // of the live state, what the template sets; of the template, what can be read
    const actual = pick(live, properties)
    const expected = pick(properties, live)
    const differences = differencesBetween(expected, actual)
    return { status: differences.length > 0 ? 'MODIFIED' : 'IN_SYNC', expected, actual, differences, timestamp }
  } catch (error) {
    return { status: 'UNKNOWN', reason: (error as Error).message, timestamp }
  }
}

export function stackDriftStatus(detection: Detection | undefined): string {
  if (!detection || detection.status === 'DETECTION_IN_PROGRESS') return 'NOT_CHECKED'
  const statuses = new Set([...detection.drifts.values()].map(({ status }) => status))
  if (statuses.has('MODIFIED') || statuses.has('DELETED')) return 'DRIFTED'
  return statuses.has('UNKNOWN') ? 'UNKNOWN' : 'IN_SYNC'
}

function pick(from: Properties, names: Properties): Properties {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name in names))
}

/** Only what is expected is looked at: what the template does not set is no drift. */
function differencesBetween(expected: unknown, actual: unknown, path = ''): PropertyDifference[] {
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(expected).flatMap(([name, value]) =>
      differencesBetween(value, actual[name], `${path}/${name}`),
    )
  }
  const isSame =
    typeof expected === 'object' ? isDeepStrictEqual(expected, actual) : textOf(expected) === textOf(actual)
  if (isSame) return []
  const DifferenceType = actual === undefined ? 'REMOVE' : 'NOT_EQUAL'
  return [{ PropertyPath: path, ExpectedValue: textOf(expected), ActualValue: textOf(actual), DifferenceType }]
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A template may write a number or a boolean as text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
