import type { Environment } from '../environment/environments.mts'
import { probe } from '../script/shell.mts'
import { failed, passed, redeployStack, type CheckResult } from './tools.mts'

/** Whether the admin secret exists, and is not about to go. */
export async function secretResult(arn: string, environment: Environment): Promise<CheckResult> {
  const described = await probe`aws secretsmanager describe-secret --secret-id ${arn}`
  if (/ResourceNotFoundException/.test(described.stderr)) {
    return failed(`there is none: ${arn}`, redeployStack(environment))
  }
  if (described.exitCode !== 0) throw described.failed()
  const { Name, DeletedDate } = described.answer() as { Name: string; DeletedDate?: unknown }
  return DeletedDate === undefined
    ? passed(`${Name} exists`)
    : failed(`${Name} is about to be deleted`, `aws secretsmanager restore-secret --secret-id ${arn}`)
}
