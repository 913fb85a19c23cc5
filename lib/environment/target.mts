import { readFileSync, writeFileSync } from 'node:fs'
import { quote } from '../script/command-line.mts'
import { excerpt, Failure } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { begin, isDryRun } from '../script/job.mts'
import { echo, say } from '../script/narration.mts'
import { read } from '../script/shell.mts'
import { ask, hasTerminal } from '../script/surroundings.mts'
import { makeReleaseId } from './checkout.mts'
import { resolveClientOptions, requireOneIdentity } from './identity.mts'
import { environmentNames, isLocalEndpoint, localAccount } from './environments.mts'
import type { Environment, EnvironmentNames } from './environments.mts'
import type { Settings } from './keys.mts'
import { readSettings, settingsFile } from './settings.mts'

/** The environment that every command of this run goes to. */
export interface SelectedEnvironment {
  environment: Environment
  names: EnvironmentNames
  settings: Settings
  region: string
  /** The AWS on this machine. */
  local: boolean
}

/** Where a run goes, and as whom: checked before anything changes. */
export interface Destination extends SelectedEnvironment {
  account: string
  /** ARN of the caller. */
  identity: string
}

/** The destination of a run that changes something. */
export interface Target extends Destination {
  /** Id of what this run may bring: `<UTC timestamp>-<git sha>[-dirty]`. */
  release: string
}

/** The environment that something is about, by its names. */
export type Place = Pick<Destination, 'environment' | 'names'>

/** Where a run that changes something goes. Fails where `selectEnvironment` and `requireTarget` do. */
export async function resolveTarget(environment: Environment): Promise<Target> {
  return await requireTarget(await selectEnvironment(environment))
}

/** Where a run that only looks goes: it needs no commit. Fails where `selectEnvironment` and `requireIdentity` do. */
export async function resolveDestination(environment: Environment): Promise<Destination> {
  return await requireIdentity(await selectEnvironment(environment))
}

/**
 * Reads the settings, and points every command at the environment's region (and, for `local`, at the AWS on this machine).
 * Fails where the shell says otherwise. A question that changes nothing may begin after this, beside the one for the
 * identity: each is a process of a second.
 */
export async function selectEnvironment(environment: Environment): Promise<SelectedEnvironment> {
  const settings = readSettings(environment)
  const region = settings.AWS_REGION
  await pointAt(environment, region)
  return { environment, names: environmentNames(environment), settings, region, local: isLocalEndpoint() }
}

/** Names what this run may bring, and whose credentials bring it. Fails without a commit, and where `requireIdentity` does. */
export async function requireTarget(selected: SelectedEnvironment): Promise<Target> {
  const release = await makeReleaseId()
  return { ...(await requireIdentity(selected)), release }
}

/** Asks AWS whose these credentials are, and shows it. Fails when the account is not the environment's. */
export async function requireIdentity(selected: SelectedEnvironment): Promise<Destination> {
  const { environment, settings, region, local } = selected
  // the SDK's question soon follows, and takes as long to prepare
  const prepared = begin(() => resolveClientOptions())
  const { Account, Arn } = await read<{ Account: string; Arn: string }>`aws sts get-caller-identity`
  await prepared
  say(
    local
      ? `${environment}: the AWS on this machine (${process.env['AWS_ENDPOINT_URL']}), as ${Arn.split(':').at(-1)}`
      : `${environment}: account ${Account}, ${region}, as ${Arn}`,
  )
  const account = await requireExpectedAccount(environment, settings.AWS_ACCOUNT_ID, Account, local)
  return { ...selected, account, identity: Arn }
}

/** Sets the environment of every command and client: region, plain output, and the local AWS for `local`. */
export async function pointAt(environment: Environment, region: string): Promise<void> {
  if (environment === 'local' && !isLocalEndpoint()) {
    const { connectToLocalAws, notRunning } = await import('../../infrastructure/local/connection.ts')
    if (!(await connectToLocalAws())) throw new Failure(...notRunning)
  }
  const profile = requireOneIdentity()
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const given = process.env[name]
    if (given && given !== region) {
      throw new Failure(
        `${name} is ${excerpt(given)} in your shell, but ${environment} is in ${region}`,
        `unset ${name}, or change AWS_REGION in env/.env.${environment}`,
      )
    }
  }
  // the commands below can be pasted after these
  if (process.cwd() !== root) echo(`cd ${quote(root)}`)
  // version 1 of the aws CLI reads only the second
  if (!process.env['AWS_REGION'] && !process.env['AWS_DEFAULT_REGION'])
    echo(`export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`)
  Object.assign(process.env, {
    // the SDK does not know AWS_DEFAULT_PROFILE
    ...(profile ? { AWS_PROFILE: profile } : {}),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_PAGER: '',
    AWS_CLI_AUTO_PROMPT: 'off',
    // newer ones add lines of details, and the last line is what a person is shown
    AWS_CLI_ERROR_FORMAT: 'legacy',
    // ten lines of each process in the middle of what a deployment prints; check names the date instead
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  })
}

/**
 * Returns the account, if it is the environment's own. The first command for an environment whose file has none asks once
 * and writes the answer down; `--yes` does not answer that, since a wrong account is not undone by a rollback.
 */
async function requireExpectedAccount(
  environment: Environment,
  configured: string,
  found: string,
  local: boolean,
): Promise<string> {
  const failure = mismatchFailure(environment, configured, found, local)
  if (failure) throw failure
  if (configured || local) return found
  const file = `env/.env.${environment}`
  if (!hasTerminal()) {
    throw new Failure(
      `${file} does not say which account ${environment} belongs to`,
      `if that is the one, set AWS_ACCOUNT_ID=${found} there`,
    )
  }
  if (isDryRun()) return found
  const answer = await ask(`Does ${environment} belong to account ${found} from now on? Type its last four digits: `)
  if (answer !== found.slice(-4))
    throw new Failure('the account was not confirmed; nothing was changed', `set AWS_ACCOUNT_ID in ${file}`)
  recordAccount(settingsFile(environment), found)
  say(`wrote AWS_ACCOUNT_ID=${found} to ${file}: commit it, so that everyone deploys there`)
  return found
}

/**
 * Why an account is not the environment's; undefined when it is, when the environment has none yet, or when AWS was
 * not asked whose the credentials are (`found` is undefined).
 */
export function mismatchFailure(
  environment: Environment,
  configured: string,
  found: string | undefined,
  local: boolean,
): Failure | undefined {
  if (environment === 'local' && !local) {
    return new Failure('the environment local runs only on the AWS of this machine', 'make deploy-local')
  }
  const expected = local ? localAccount : configured
  if (!expected || !found || expected === found) return undefined
  return new Failure(
    `these credentials are for account ${found}, but ${environment} belongs to ${expected}`,
    local
      ? 'make local-shell opens a shell with the credentials and the aws CLI of the AWS on this machine'
      : `export AWS_PROFILE=<a profile of ${expected}>, or fix AWS_ACCOUNT_ID in env/.env.${environment}`,
  )
}

function recordAccount(file: string, account: string): void {
  const text = readFileSync(file, 'utf8')
  const line = `AWS_ACCOUNT_ID=${account}`
  const replaced = text.replace(/^[ \t]*AWS_ACCOUNT_ID=.*$/m, line)
  writeFileSync(file, replaced.includes(line) ? replaced : `${text.trimEnd()}\n${line}\n`)
}
