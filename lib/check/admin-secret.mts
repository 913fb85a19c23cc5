import type { Environment } from '../environment/environments.mts'
import { read } from '../script/shell.mts'
import { failed, passed, redeployStack, type CheckResult } from './finding.mts'

/** Whether the admin secret exists, and is not about to go. */
export async function checkAdminSecret(arn: string, environment: Environment): Promise<CheckResult> {
  const described = await read<{ Name: string; DeletedDate?: unknown }>({
    absent: /ResourceNotFoundException/,
  })`aws secretsmanager describe-secret --secret-id ${arn}`
  if (!described) return failed(`there is none: ${arn}`, redeployStack(environment))
  const { Name, DeletedDate } = described
  return DeletedDate === undefined
    ? passed(`${Name} exists`)
    : failed(`${Name} is about to be deleted`, `aws secretsmanager restore-secret --secret-id ${arn}`)
}
