import { mismatch } from './account.mts'
import { isBootstrapped } from './cdk.mts'
import { environmentNames, type Environment } from './environments.mts'
import { Failure } from './failure.mts'
import { isLocalEndpoint } from './local-aws.mts'
import { readSettings, type Settings } from './settings.mts'
import { read } from './shell.mts'
import { describedStack } from './stack.mts'
import { stuck } from './stack-state.mts'
import { pointAt } from './target.mts'
import type { Finding } from './tools.mts'

/** A check that fails with a Failure, as a finding. */
async function found(name: string, check: () => Promise<Omit<Finding, 'name'>>): Promise<Finding> {
  try {
    return { name, ...(await check()) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { name, status: 'NG', detail: error.message, remedy: error.remedy }
  }
}

/** The environment's file, the region, and for `local` the AWS on this machine; everything else is asked of where these point. */
export async function environmentFindings(environment: Environment): Promise<Finding[]> {
  return [
    await found(`env/.env.${environment}`, async () => {
      readSettings(environment)
      return { status: 'OK', detail: 'every key is known and has a value of its form' }
    }),
    await found('region', async () => {
      const { AWS_REGION } = readSettings(environment)
      await pointAt(environment, AWS_REGION)
      return {
        status: 'OK',
        detail: isLocalEndpoint() ? `${AWS_REGION}, at ${process.env['AWS_ENDPOINT_URL']}` : AWS_REGION,
      }
    }),
  ]
}

/** Who we are there, and what is there already. */
export async function awsFindings(environment: Environment): Promise<Finding[]> {
  const settings = readSettings(environment)
  const credentials = await found('credentials', async () => ({ status: 'OK', detail: await identity() }))
  if (credentials.status === 'NG') {
    const skipped = { status: 'SKIP', detail: 'not asked without credentials' } as const
    return [credentials, ...['account', 'bootstrap', 'stack'].map((name) => ({ name, ...skipped }))]
  }
  return [
    credentials,
    accountFinding(environment, settings, credentials.detail.split(':')[4] ?? ''),
    await found('bootstrap', async () =>
      (await isBootstrapped())
        ? { status: 'OK', detail: 'done' }
        : { status: 'SKIP', detail: 'not yet; the infrastructure stage does it' },
    ),
    await found('stack', () => stackFinding(environmentNames(environment).stack)),
  ]
}

async function identity(): Promise<string> {
  return (await read<{ Arn: string }>`aws sts get-caller-identity`).Arn
}

function accountFinding(environment: Environment, { AWS_ACCOUNT_ID }: Settings, account: string): Finding {
  const name = 'account'
  const failure = mismatch(environment, AWS_ACCOUNT_ID, account, isLocalEndpoint())
  if (failure) return { name, status: 'NG', detail: failure.message, remedy: failure.remedy }
  return AWS_ACCOUNT_ID || isLocalEndpoint()
    ? { name, status: 'OK', detail: account }
    : { name, status: 'SKIP', detail: `${account}; the first deployment asks whether ${environment} lives there` }
}

async function stackFinding(name: string): Promise<Omit<Finding, 'name'>> {
  const stack = await describedStack(name)
  if (!stack) return { status: 'SKIP', detail: `${name} is not deployed yet` }
  const failure = stuck(stack)
  if (failure) throw failure
  return { status: 'OK', detail: `${name} is in ${stack.StackStatus}` }
}
