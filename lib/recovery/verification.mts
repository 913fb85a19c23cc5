import type { Target } from '../environment/target.mts'
import { requestText, retryUntilAnswered } from '../script/asking.mts'
import { Failure, Unanswered } from '../script/failure.mts'
import { retryUntil, isDryRun, isSurvivable } from '../script/job.mts'
import { sayDetail } from '../script/narration.mts'
import { notVerifiedFailure } from '../service/deploy.mts'
import { verdictIfOvertaken, concludeFailedRollout, restorePrevious } from '../service/failed-rollout.mts'
import { describeService, type RunningRelease } from '../service/service.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'

/**
 * The checks of a rollout need no table. This asks the tasks for what is in it. Where they cannot say, goes back to the old
 * table; where nobody answers, leaves the new one alone and fails as "not verified" (exit 6); where someone else has changed
 * the service since its rollout, fails as superseded.
 * @param revision ARN of the task definition that names the table
 */
export async function verifyTable(
  target: Target,
  outputs: StackOutputs,
  { revision, table }: { revision: string; table: string },
  previous: RunningRelease,
): Promise<void> {
  if (isDryRun()) return
  const url = `${addresses(outputs).cdn}/api/live`
  const [fault, service] = await readServiceWith(target, url).catch((error: unknown) => {
    throw isSurvivable(error) ? notVerifiedFailure(revision, error) : error
  })
  if (fault) throw await restorePrevious(target, outputs, revision, fault, previous)
  const other = verdictIfOvertaken(service, revision)
  if (other) throw await concludeFailedRollout(target, revision, other, previous, { service })
  sayDetail(`table      ${table} is read: ${url} answers`)
}

async function readServiceWith(target: Target, url: string) {
  const fault = await findTableFault(url)
  const service = fault ? undefined : await retryUntilAnswered(() => describeService(target), patience)
  return [fault, service] as const
}

const patience = { within: 60_000, every: 2000 }

/**
 * What the tasks say to be wrong with their table, for eight seconds on end; undefined when they read it. Fails when nobody
 * answers, or only the CDN or the load balancer.
 */
export async function findTableFault(
  url: string,
  { within, every } = patience,
  lasting = 8000,
): Promise<Failure | undefined> {
  const ask = async () => {
    const { ok, status, body } = await requestText(url)
    const [fact, remedy] = [`${url} answers ${status}: ${body.slice(0, 200)}`, `curl -i ${url}`]
    if (ok) return
    // the rest is of the CDN, the load balancer or a web ACL, which know of no table
    const isOfTask = status === 500 || body.includes('"unavailable"')
    throw isOfTask ? new Failure(fact, remedy) : new Unanswered(fact, remedy)
  }
  try {
    await retryUntilAnswered(() => retryUntil(ask, { within: lasting, every }), { within, every })
    return undefined
  } catch (error) {
    if (!isSurvivable(error) || error instanceof Unanswered) throw error
    return error
  }
}
