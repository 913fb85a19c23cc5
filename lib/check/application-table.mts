import type { Target } from '../environment/target.mts'
import { request } from '../script/asking.mts'
import { invocation } from '../script/command-line.mts'
import type { RunningRelease } from '../service/service.mts'
import { tableInUse } from '../service/task-definition.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { failed, passed, skipped, type CheckResult } from './tools.mts'

/** Which table the tasks use, and whether they can read it: that is asked of them, who alone need the permission. */
export async function tableResult(
  target: Pick<Target, 'environment' | 'names'>,
  outputs: StackOutputs,
  running: RunningRelease | undefined,
): Promise<CheckResult> {
  if (!running?.service.desiredCount) return skipped('no task runs that reads it')
  const table = tableInUse(target, outputs, running)
  const { ok, status } = await request(`${addresses(outputs).cdn}/api/live`)
  if (!ok) {
    return failed(
      `the tasks cannot read ${table}: /api/live answers ${status}`,
      invocation('logs', target.environment, '--no-follow'),
    )
  }
  return passed(
    table === outputs.ApplicationTableName
      ? `${table}, the stack's`
      : `${table}, restored; deployments keep it, and the stack's ${outputs.ApplicationTableName} is not in use`,
  )
}
