import { localAccount } from '../../infrastructure/local/connection.ts'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Environment } from './environments.mts'
import { Failure } from '../script/failure.mts'
import { say } from '../script/narration.mts'
import { settingsFile } from './settings.mts'
import { ask, hasTerminal } from '../script/terminal.mts'

/**
 * The account, if it is the environment's own. The first deployment of an environment whose file names none asks once
 * and writes the answer down; `--yes` does not answer that, since a wrong account is not undone by a rollback.
 */
export async function requireExpectedAccount(
  environment: Environment,
  configured: string,
  found: string,
  local: boolean,
): Promise<string> {
  const failure = mismatch(environment, configured, found, local)
  if (failure) throw failure
  if (configured || local) return found
  const file = `env/.env.${environment}`
  if (!hasTerminal()) {
    throw new Failure(
      `${file} does not say which account ${environment} lives in`,
      `add the line AWS_ACCOUNT_ID=${found} to it, if that is the one`,
    )
  }
  const answer = await ask(`Does ${environment} live in account ${found}, from now on? Type its last four digits: `)
  if (answer !== found.slice(-4))
    throw new Failure('the account was not confirmed; nothing was changed', `set AWS_ACCOUNT_ID in ${file}`)
  recordAccount(settingsFile(environment), found)
  say(`wrote AWS_ACCOUNT_ID=${found} to ${file}`)
  return found
}

/**
 * Why an account is not the environment's; undefined when it is, when the environment has none yet, or when nobody has
 * asked AWS whose the credentials are (`found` is undefined).
 */
export function mismatch(
  environment: Environment,
  configured: string,
  found: string | undefined,
  local: boolean,
): Failure | undefined {
  if (environment === 'local' && !local) {
    return new Failure('the environment local lives on the AWS of this machine only', 'make deploy-local')
  }
  const expected = local ? localAccount : configured
  if (!expected || !found || expected === found) return undefined
  return new Failure(
    `these credentials are of account ${found}, and ${environment} lives in ${expected}`,
    local
      ? 'make local-shell brings the credentials and the aws CLI of the AWS on this machine'
      : `export AWS_PROFILE=<a profile of ${expected}>, or fix AWS_ACCOUNT_ID in env/.env.${environment}`,
  )
}

function recordAccount(file: string, account: string): void {
  const text = readFileSync(file, 'utf8')
  const line = `AWS_ACCOUNT_ID=${account}`
  const replaced = text.replace(/^\s*AWS_ACCOUNT_ID=.*$/m, line)
  writeFileSync(file, replaced.includes(line) ? replaced : `${text.trimEnd()}\n${line}\n`)
}
