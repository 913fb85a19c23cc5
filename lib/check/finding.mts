import type { Environment } from '../environment/environments.mts'
import { invocation } from '../script/command-line.mts'
import { isSurvivable } from '../script/job.mts'

/** One line of `check`: what was checked, and how to fix it when it is not as it must be. */
export interface Finding {
  name: string
  status: 'OK' | 'WARN' | 'FAIL' | 'SKIP'
  detail: string
  remedy?: string
}

/** What a check found: a finding without its name. */
export type CheckResult = Omit<Finding, 'name'>

export function passed(detail: string): CheckResult {
  return { status: 'OK', detail }
}

export function failed(detail: string, remedy: string): CheckResult {
  return { status: 'FAIL', detail, remedy }
}

/** Works today, and should not stay so: no reason not to deploy. */
export function warned(detail: string, remedy: string): CheckResult {
  return { status: 'WARN', detail, remedy }
}

export function skipped(detail: string): CheckResult {
  return { status: 'SKIP', detail }
}

/** Runs a check; a Failure that it throws becomes its finding. */
export async function runCheck(name: string, check: () => Promise<CheckResult>): Promise<Finding> {
  try {
    return { name, ...(await check()) }
  } catch (error) {
    if (!isSurvivable(error)) throw error
    return { name, ...failed(error.message, error.remedy) }
  }
}

/** How to bring back what is missing: where the template is unchanged, a deployment creates nothing again. */
export function redeployStack(environment: Environment, otherwise = 'docs/RUNBOOK.md, "Changed by hand"'): string {
  return `${invocation('infrastructure', environment)}; where that changes nothing: ${otherwise}`
}

/** How to register another revision, with the settings here. */
export function redeployBackend(environment: Environment): string {
  return invocation('backend', environment, '--redeploy')
}

/** OK where two things that must agree do not differ. */
export function compared(differences: string[], good: string, remedy: string): CheckResult {
  return differences.length === 0 ? passed(good) : failed(differences.join('; '), remedy)
}
