import { hasAlarms } from '../environment/environments.mts'
import type { Target } from '../environment/target.mts'
import { requestText } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import type { RunningRelease } from '../service/service.mts'
import { backupsCommand, expiryCommand, readExpiry, readRestorableTimes, unwatched } from '../service/table.mts'
import { tableInUse } from '../service/task-definition.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { failed, passed, skipped, type CheckResult } from './finding.mts'

/**
 * Which table the tasks use, whether they can read it (that is asked of them, who alone need the permission), and whether it is
 * watched and protected: the stack's own is by the stack, but for what someone changes by hand, or restores.
 */
export async function checkApplicationTable(
  target: Pick<Target, 'environment' | 'names'>,
  outputs: StackOutputs,
  running: RunningRelease | undefined,
): Promise<CheckResult> {
  if (!running?.service.desiredCount) return skipped('no task runs that reads it')
  const table = tableInUse(target, outputs, running)
  const { ok, status, body } = await requestText(`${addresses(outputs).cdn}/api/live`)
  const remedy = invocation('logs', target.environment, '--no-follow')
  // the load balancer and the CDN have a 503 of their own
  if (body.includes('"unavailable"'))
    return failed(`the tasks cannot read ${table}: /api/live answers ${status}`, remedy)
  if (!ok) return failed(`no task says whether it can read ${table}: /api/live answers ${status}`, remedy)
  const fault = unwatched(target, outputs, table)
  if (fault) return failed(fault.fact, fault.remedy)
  if (hasAlarms(target.environment)) {
    const [times, expiry] = await Promise.all([readRestorableTimes(table), readExpiry(table)])
    if (!times) return failed(`point-in-time recovery is off for ${table}`, backupsCommand(table))
    if (!expiry) return failed(`nothing expires in ${table}`, expiryCommand(table))
  }
  return passed(
    table === outputs.ApplicationTableName
      ? `${table}, the stack's`
      : `${table}, restored; deployments keep it, and the stack's ${outputs.ApplicationTableName} is not in use`,
  )
}
