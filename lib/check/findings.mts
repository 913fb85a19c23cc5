import type { Stack } from '@aws-sdk/client-cloudformation'
import { executionPolicyArn, partitionOf } from '../access/execution.mts'
import { executionPolicy } from '../access/names.mts'
import { environmentNames, isLocalEndpoint, type Environment } from '../environment/environments.mts'
import type { Settings } from '../environment/keys.mts'
import { readSettings } from '../environment/settings.mts'
import { mismatchFailure, pointAt } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { begin } from '../script/job.mts'
import { read } from '../script/shell.mts'
import { readBootstrapVersion } from '../stack/cdk.mts'
import { describeStack, missingOutputs, outputsOf, type StackOutputs } from '../stack/stack.mts'
import { isBusy, stuckFailure } from '../stack/state.mts'
import { recipientFindings } from './alerts.mts'
import { checkCertificate } from './domain.mts'
import { envSecretsFinding } from './secret-scan.mts'
import { fitFindings } from './settings-fit.mts'
import { runCheck, failed, passed, skipped, warned, type CheckResult, type Finding } from './finding.mts'

interface EnvironmentFindings {
  findings: Finding[]
  /** Whether AWS can be asked: the file can be read, and the shell goes where it says. */
  isUsable: boolean
}

/**
 * The environment's file, whether its settings fit together, identity and region of the shell, and for `local` the AWS on this machine. Every other
 * check goes where these point.
 * @param isBefore before a deployment: who is told of alarms is no reason not to deploy
 */
export async function checkEnvironment(environment: Environment, isBefore: boolean): Promise<EnvironmentFindings> {
  const file = await runCheck(`env/.env.${environment}`, async () => {
    readSettings(environment)
    return passed('every key is known and every value has the right form')
  })
  const secrets = envSecretsFinding()
  if (file.status === 'FAIL') return { findings: [file, secrets], isUsable: false }
  const settings = readSettings(environment)
  const shell = await runCheck('shell', async () => {
    await pointAt(environment, settings.AWS_REGION)
    const endpoint = isLocalEndpoint() ? `, at ${process.env['AWS_ENDPOINT_URL']}` : ''
    return passed(`one identity, ${settings.AWS_REGION}${endpoint}`)
  })
  const recipients = isBefore ? [] : recipientFindings(environment, settings)
  return {
    findings: [file, secrets, shell, ...fitFindings(environment, settings), ...recipients],
    isUsable: shell.status !== 'FAIL',
  }
}

interface AwsFindings {
  findings: Finding[]
  /** Of the stack; a text: why nothing is known of it. */
  outputs: StackOutputs | string
}

/**
 * Credentials, account, bootstrap and stack.
 * @param isBefore before a deployment: what it will fix is no reason not to deploy
 */
export async function checkAccount(environment: Environment, isBefore: boolean): Promise<AwsFindings> {
  const identity = begin(() => read<{ Account: string; Arn: string }>`aws sts get-caller-identity`)
  const credentials = await runCheck('credentials', async () => passed((await identity).Arn))
  if (credentials.status === 'FAIL') {
    const outputs = 'not checked without credentials'
    return { findings: [credentials, ...allSkipped(['account', 'bootstrap', 'stack'], outputs)], outputs }
  }
  const settings = readSettings(environment)
  const { Account } = await identity
  const account = accountFinding(environment, settings, Account)
  if (account.status === 'FAIL') {
    const outputs = 'not checked in another account'
    return { findings: [credentials, account, ...allSkipped(['bootstrap', 'stack'], outputs)], outputs }
  }
  const { stack: name } = environmentNames(environment)
  let outputs: StackOutputs | string = 'not checked: the stack could not be read'
  const findings = await Promise.all([
    runCheck('bootstrap', () => checkBootstrap(environment, settings, Account, isBefore)),
    ...(settings.SITE_DOMAIN ? [runCheck('certificate', () => checkCertificate(settings))] : []),
    runCheck('stack', async () => {
      const stack = await describeStack(name)
      const found = outputsOf(stack)
      const missing = missingOutputs(found)
      if (missing.length === 0) outputs = found as StackOutputs
      else outputs = stack ? 'not checked: the stack lacks outputs' : 'there is no stack'
      if (!stack) return skipped(`${name} is not deployed yet`)
      return stackFinding(environment, stack, missing, isBefore)
    }),
  ])
  return { findings: [credentials, account, ...findings], outputs }
}

export function allSkipped(names: string[], detail: string): Finding[] {
  return names.map((name) => ({ name, ...skipped(detail) }))
}

function accountFinding(environment: Environment, { AWS_ACCOUNT_ID }: Settings, account: string): Finding {
  const name = 'account'
  const failure = mismatchFailure(environment, AWS_ACCOUNT_ID, account, isLocalEndpoint())
  if (failure) return { name, ...failed(failure.message, failure.remedy) }
  return AWS_ACCOUNT_ID || isLocalEndpoint()
    ? { name, ...passed(account) }
    : { name, ...skipped(`${account}; the first deployment asks whether this is the account of ${environment}`) }
}

function stackFinding(environment: Environment, stack: Stack, missing: string[], isBefore: boolean): CheckResult {
  const { StackName, StackStatus = '' } = stack
  const detail = `${StackName} is in ${StackStatus}`
  if (isBusy(stack)) {
    return skipped(`${detail}: someone else is deploying it, and a deployment from here would wait`)
  }
  const failure = stuckFailure(stack, environment)
  if (failure) throw failure
  if (StackStatus === 'REVIEW_IN_PROGRESS') {
    return skipped(`${detail}: its first creation has not begun; the next deployment creates it`)
  }
  if (StackStatus === 'ROLLBACK_COMPLETE') {
    return skipped(`${detail}: its first creation failed and was undone; the next deployment creates it again`)
  }
  if (missing.length === 0) return passed(detail)
  const old = `${detail}, and has no output ${missing.join(', ')}: it was deployed by an older version`
  return isBefore
    ? skipped(`${old}; the infrastructure stage adds it`)
    : failed(old, invocation('infrastructure', environment))
}

/** From this version on its roles may undo what `cdk deploy` left half-way: `cdk rollback` refuses an older one. */
const versionThatRollsBack = 23

async function checkBootstrap(
  environment: Environment,
  { PERMISSIONS_BOUNDARY, AWS_REGION }: Settings,
  account: string,
  isBefore: boolean,
): Promise<CheckResult> {
  const version = await readBootstrapVersion()
  if (version === undefined) return skipped('not yet; the infrastructure stage does it')
  const unbounded = PERMISSIONS_BOUNDARY ? await findUnboundedBootstrap(account, AWS_REGION) : undefined
  if (unbounded) {
    const remedy = unbounded.isOurs
      ? `an administrator runs ${invocation('access', environment)} once`
      : `if Live Quiz is the only cdk app of the account, an administrator runs ${invocation('access', environment, '--force')} once`
    // it deploys as it did before, and no deployment fixes it
    return isBefore ? warned(unbounded.detail, remedy) : failed(unbounded.detail, remedy)
  }
  if (version >= versionThatRollsBack) return passed(`version ${version}`)
  // without a place cdk would ask the app for one
  const again = PERMISSIONS_BOUNDARY
    ? invocation('access', environment)
    : `npx cdk bootstrap aws://${account}/${AWS_REGION}`
  return warned(
    `version ${version}: an update that stays half-way cannot be undone; cdk rollback needs ${versionThatRollsBack}`,
    `an administrator runs ${again} once`,
  )
}

/**
 * How the bootstrap differs from that of `make access`, as one that was there before, and whether its policy is ours: `make access`
 * replaces others only with --force. Undefined when it does not differ, or has another name.
 */
async function findUnboundedBootstrap(
  account: string,
  region: string,
): Promise<{ detail: string; isOurs: boolean } | undefined> {
  const parameters = (await describeStack('CDKToolkit'))?.Parameters
  if (!parameters) return undefined
  const given = (name: string) => parameters.find(({ ParameterKey }) => ParameterKey === name)?.ParameterValue
  const policies = given('CloudFormationExecutionPolicies') || 'AdministratorAccess'
  const boundary = given('InputPermissionsBoundary') || 'nothing'
  const isOurs = policies === executionPolicyArn({ account, partition: partitionOf(region) })
  if (isOurs && boundary === executionPolicy) return undefined
  return {
    detail: `CloudFormation deploys with ${policies}, bounded by ${boundary}, and not with ${executionPolicy}, bounded by itself`,
    isOurs,
  }
}
