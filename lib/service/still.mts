import type { Place } from '../environment/target.mts'
import { retryUntilAnswered } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import { exitCodes, Failure } from '../script/failure.mts'
import { isDryRun } from '../script/job.mts'
import { describeService, revisionName, type RunningRelease } from './service.mts'

/**
 * What a plan found running, with the service as it is now: between the plan and the lock lie a question to a person and the
 * wait for a quiz. Fails as superseded (exit 4) where the service now runs another revision, which is not ours to undo.
 * @param planned undefined: there was no service
 */
export async function requireStill<Planned extends RunningRelease | undefined>(
  target: Place,
  planned: Planned,
  soFar = 'nothing was changed',
): Promise<Planned> {
  if (isDryRun()) return planned
  const service = await retryUntilAnswered(() => describeService(target))
  if (service?.taskDefinition === planned?.revision) return planned && { ...planned, service: service! }
  const [now, then] = [service?.taskDefinition, planned?.revision].map((arn) => (arn ? revisionName(arn) : 'nothing'))
  throw supersededFailure(target, `the service now runs ${now}, not ${then}; ${soFar}`)
}

/** Someone else has changed it since. */
export function supersededFailure({ environment }: Pick<Place, 'environment'>, fact: string): Failure {
  return new Failure(
    `superseded: ${fact}`,
    `${invocation('releases', environment)} shows who changed it; then re-run the same command`,
    exitCodes.superseded,
  )
}
