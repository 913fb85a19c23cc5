import type { Stack } from '@aws-sdk/client-cloudformation'
import { mismatch } from '../environment/account.mts'
import { isBootstrapped } from '../stack/cdk.mts'
import { environmentNames, type Environment } from '../environment/environments.mts'
import { Failure } from '../script/failure.mts'
import { isLocalEndpoint } from '../../infrastructure/local/connection.ts'
import { envSecretsFinding } from './secret-scan.mts'
import { fitFindings } from './settings-fit.mts'
import { readSettings, type Settings } from '../environment/settings.mts'
import { read } from '../script/shell.mts'
import { describeStack } from '../stack/stack.mts'
import { outputKeys, type StackOutputs } from '../stack/outputs.mts'
import { stuck } from '../stack/state.mts'
import { pointAt } from '../environment/target.mts'
import type { Finding } from './tools.mts'

/** What a check found, before it has its name. */
export type Found = Omit<Finding, 'name'>

/** A check that fails with a Failure, as a finding. */
export async function found(name: string, check: () => Promise<Found>): Promise<Finding> {
  try {
    return { name, ...(await check()) }
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode > 128) throw error
    return { name, status: 'FAIL', detail: error.message, remedy: error.remedy }
  }
}

/**
 * The environment's file, whether its settings go together, the region, and for `local` the AWS on this machine;
 * everything else is asked of where these point.
 */
export async function environmentFindings(environment: Environment): Promise<Finding[]> {
  const file = await found(`env/.env.${environment}`, async () => {
    readSettings(environment)
    return { status: 'OK', detail: 'every key is known and has a value of its form' }
  })
  const secrets = envSecretsFinding()
  if (file.status === 'FAIL') return [file, secrets]
  const settings = readSettings(environment)
  const region = await found('region', async () => {
    await pointAt(environment, settings.AWS_REGION)
    const endpoint = isLocalEndpoint() ? `, at ${process.env['AWS_ENDPOINT_URL']}` : ''
    return { status: 'OK', detail: settings.AWS_REGION + endpoint }
  })
  return [file, secrets, region, ...fitFindings(settings)]
}

interface AwsFindings {
  findings: Finding[]
  /** Of a stack that can be looked into; undefined before the first deployment, and where the account is not the one. */
  outputs?: StackOutputs
}

/** Who we are there, and what is there already. */
export async function awsFindings(environment: Environment): Promise<AwsFindings> {
  const credentials = await found('credentials', async () => ({ status: 'OK', detail: await identity() }))
  if (credentials.status === 'FAIL') {
    return { findings: [credentials, ...skipped(['account', 'bootstrap', 'stack'], 'not asked without credentials')] }
  }
  const account = accountFinding(environment, readSettings(environment), credentials.detail.split(':')[4] ?? '')
  if (account.status === 'FAIL') {
    return { findings: [credentials, account, ...skipped(['bootstrap', 'stack'], 'not asked in another account')] }
  }
  const { stack: name } = environmentNames(environment)
  let outputs: StackOutputs | undefined
  const asked = await Promise.all([
    found('bootstrap', async () =>
      (await isBootstrapped())
        ? { status: 'OK', detail: 'done' }
        : { status: 'SKIP', detail: 'not yet; the infrastructure stage does it' },
    ),
    found('stack', async () => {
      const stack = await describeStack(name)
      const given = Object.fromEntries(
        (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
      )
      const missing = outputKeys.filter((key) => !given[key])
      if (missing.length === 0) outputs = given as StackOutputs
      if (!stack) return { status: 'SKIP', detail: `${name} is not deployed yet` }
      return stackFinding(environment, stack, missing)
    }),
  ])
  return { findings: [credentials, account, ...asked], ...(outputs ? { outputs } : {}) }
}

export function skipped(names: string[], detail: string): Finding[] {
  return names.map((name) => ({ name, status: 'SKIP', detail }))
}

async function identity(): Promise<string> {
  return (await read<{ Arn: string }>`aws sts get-caller-identity`).Arn
}

function accountFinding(environment: Environment, { AWS_ACCOUNT_ID }: Settings, account: string): Finding {
  const name = 'account'
  const failure = mismatch(environment, AWS_ACCOUNT_ID, account, isLocalEndpoint())
  if (failure) return { name, status: 'FAIL', detail: failure.message, remedy: failure.remedy }
  return AWS_ACCOUNT_ID || isLocalEndpoint()
    ? { name, status: 'OK', detail: account }
    : { name, status: 'SKIP', detail: `${account}; the first deployment asks whether ${environment} lives there` }
}

function stackFinding(environment: Environment, stack: Stack, missing: string[]): Found {
  const { StackName, StackStatus = '' } = stack
  const detail = `${StackName} is in ${StackStatus}`
  if (StackStatus.endsWith('_IN_PROGRESS')) {
    return { status: 'SKIP', detail: `${detail}: somebody is deploying it, and a deployment from here would wait` }
  }
  const failure = stuck(stack, environment)
  if (failure) throw failure
  if (StackStatus === 'ROLLBACK_COMPLETE') {
    return { status: 'SKIP', detail: `${detail}: its first creation failed and was undone; the next one begins anew` }
  }
  return missing.length === 0
    ? { status: 'OK', detail }
    : {
        status: 'FAIL',
        detail: `${detail}, and has no output ${missing.join(', ')}: it was deployed by an older version`,
        remedy: 'deploy the infrastructure',
      }
}
