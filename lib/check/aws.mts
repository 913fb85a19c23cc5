import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findProgram } from '../script/children.mts'
import { root } from '../script/files.mts'
import { probe } from '../script/shell.mts'
import { failed, passed, skipped, type Finding } from './finding.mts'

const awsInstallation = 'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html'

export async function checkAws(local: boolean): Promise<Finding> {
  const name = 'aws'
  const { exitCode, stdout, stderr } = await probe`aws --version`
  if (exitCode !== 0) return { name, ...failed('aws is not on the PATH', `install the AWS CLI (${awsInstallation})`) }
  // version 1 prints it to stderr on old Pythons
  const version = (stdout || stderr).trim().split(' ')[0]!
  return local && !(await probeEndpointUrl())
    ? { name, ...failed(`${version} ignores AWS_ENDPOINT_URL`, 'make local-shell has an aws that honours it') }
    : { name, ...passed(version) }
}

/** Whether aws uses AWS_ENDPOINT_URL: tried with an address where nothing listens, for any proxy too, so that nothing leaves this machine. */
async function probeEndpointUrl(): Promise<boolean> {
  const nowhere = 'http://127.0.0.1:1'
  const proxies = Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((key) => [key, nowhere]),
  )
  const env = {
    ...proxies,
    AWS_ENDPOINT_URL: nowhere,
    AWS_MAX_ATTEMPTS: '1',
    NO_PROXY: '127.0.0.1',
    no_proxy: '127.0.0.1',
  }
  const { stderr } = await probe({ env })`aws sts get-caller-identity`
  return stderr.includes(`endpoint URL: "${nowhere}`)
}

/**
 * Whether the installed aws has a command that takes an argument: its own parser is asked, since a version is no proof.
 * Without the argument it never calls AWS.
 */
export async function hasAwsCommand(command: readonly string[]): Promise<boolean> {
  return await askOnce(command.join(' '), async () => {
    const { exitCode, stderr } = await probe`aws ${command}`
    return exitCode === 127 ? undefined : !/invalid choice/i.test(stderr)
  })
}

async function hasConditionalWrites(): Promise<boolean> {
  return await askOnce('dynamodb put-item ConditionExpression', async () => {
    const { exitCode, stdout } = await probe`aws dynamodb put-item --generate-cli-skeleton`
    return exitCode === 0 ? stdout.includes('ConditionExpression') : undefined
  })
}

const memory = join(root, '.local', 'aws.json')

/** What an aws can do is asked once: half a second each time. An undefined answer is no, and not remembered. */
async function askOnce(question: string, ask: () => Promise<boolean | undefined>): Promise<boolean> {
  const aws = installedAws()
  const known = aws === undefined ? undefined : answersOf(aws)[question]
  if (known !== undefined) return known
  const answer = await ask()
  if (aws !== undefined && answer !== undefined) remember(aws, { ...answersOf(aws), [question]: answer })
  return answer ?? false
}

/** Where nothing can be written, it is asked again. */
function remember(aws: string, answers: Record<string, boolean>): void {
  try {
    mkdirSync(dirname(memory), { recursive: true })
    writeFileSync(memory, JSON.stringify({ aws, answers }, null, 2) + '\n')
  } catch {
    // a full disk, or another user's checkout
  }
}

/** The aws on the PATH, and since when it is this one; undefined for a shim, which stays when another aws is behind it. */
function installedAws(): string | undefined {
  const file = findProgram('aws')
  return file === undefined || basename(dirname(file)) === 'shims' ? undefined : `${file} ${statSync(file).mtimeMs}`
}

function answersOf(aws: string): Record<string, boolean> {
  try {
    const known = JSON.parse(readFileSync(memory, 'utf8')) as { aws: string; answers: Record<string, boolean> }
    return known.aws === aws ? known.answers : {}
  } catch {
    return {} // nothing was asked yet, or half of an answer was written
  }
}

/** What the installed aws can do, whatever its version: each capability is tried, and none of these calls AWS. */
export async function checkAwsCapabilities(): Promise<Finding[]> {
  const [hasDeployments, hasTail, hasConditions] = await Promise.all([
    hasAwsCommand(['ecs', 'list-service-deployments']),
    hasAwsCommand(['logs', 'tail']),
    hasConditionalWrites(),
  ])
  return [
    {
      name: 'service deployments',
      ...(hasDeployments
        ? passed('aws knows the API')
        : skipped('this aws does not know the API; verdicts are made from describe-services alone')),
    },
    {
      name: 'logs tail',
      ...(hasTail ? passed('aws has it') : skipped('this aws does not have it; make logs shows the same')),
    },
    {
      name: 'conditional puts',
      ...(hasConditions
        ? passed('aws sends them; the deploy lock needs them')
        : failed(
            'this aws does not send a ConditionExpression, and the deploy lock needs it',
            `install a current AWS CLI (${awsInstallation})`,
          )),
    },
  ]
}
