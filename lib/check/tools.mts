import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../script/failure.mts'
import { probe, root } from '../script/shell.mts'

/** One line of `check`: what was looked at, and what to do when it is not as it must be. */
export interface Finding {
  name: string
  status: 'OK' | 'FAIL' | 'SKIP'
  detail: string
  remedy?: string
}

/** Fails with the first finding that is FAIL. */
export function requireTools(findings: Finding[]): void {
  const bad = findings.find(({ status }) => status === 'FAIL')
  if (bad) throw new Failure(bad.detail, bad.remedy ?? 'make check tells more')
}

/** The cdk that the toolkit runs is the pinned one; 3.x is an old build published by accident (https://github.com/aws/aws-cdk/issues/38113). */
export function pinnedCdk(): Finding {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'aws-cdk', 'package.json'), 'utf8'))
  return cdkVersion('cdk (pinned)', version, 'npm ci')
}

/** The cdk on the PATH, which the documents' bare `cdk` lines use. */
export async function cdkOnPath(): Promise<Finding> {
  const { exitCode, stdout } = await probe({ env: { PATH: process.env['PATH'] } })`cdk --version`
  const name = 'cdk on the PATH'
  if (exitCode !== 0) return { name, status: 'SKIP', detail: 'none; `npx cdk` in infrastructure/ runs the pinned one' }
  return cdkVersion(name, stdout.trim().split(' ')[0]!, `npm install --global aws-cdk@${pinnedVersion()}`)
}

function pinnedVersion(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies['aws-cdk']
}

function cdkVersion(name: string, version: string, remedy: string): Finding {
  return version.startsWith('2.')
    ? { name, status: 'OK', detail: version }
    : { name, status: 'FAIL', detail: `${name} is ${version}, an old build published by accident as 3.x`, remedy }
}

export async function dockerEngine(): Promise<Finding> {
  const name = 'Docker engine'
  const { exitCode, stdout, stderr } = await probe`docker version --format ${'{{.Server.Version}} {{.Server.Arch}}'}`
  if (exitCode === 0) return { name, status: 'OK', detail: stdout.trim() }
  if (exitCode === 127)
    return {
      name,
      status: 'FAIL',
      detail: 'docker is not on the PATH',
      remedy: 'install Docker (https://docs.docker.com/engine/install)',
    }
  return {
    name,
    status: 'FAIL',
    detail: `no Docker engine answers: ${stderr.trim().split('\n').at(-1)}`,
    remedy: 'start Docker, or point DOCKER_HOST at an engine that runs',
  }
}

export function node(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
    ? { name: 'node', status: 'OK', detail: version }
    : {
        name: 'node',
        status: 'FAIL',
        detail: `node is ${version}`,
        remedy: 'install Node.js 20.19 or later (https://nodejs.org)',
      }
}

export async function awsCli(local: boolean): Promise<Finding> {
  const name = 'aws'
  const { exitCode, stdout, stderr } = await probe`aws --version`
  if (exitCode !== 0) {
    return {
      name,
      status: 'FAIL',
      detail: 'aws is not on the PATH',
      remedy: 'install the AWS CLI (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html)',
    }
  }
  // version 1 writes it to stderr on old Pythons
  const detail = (stdout || stderr).trim().split(' ')[0]!
  if (local && !(await honoursEndpoint())) {
    return {
      name,
      status: 'FAIL',
      detail: `${detail} ignores AWS_ENDPOINT_URL`,
      remedy: 'make local-shell brings an aws that honours it',
    }
  }
  return { name, status: 'OK', detail }
}

/** Whether aws goes where AWS_ENDPOINT_URL leads: tried with an address at which nobody listens, as any proxy too, so that nothing leaves this machine. */
async function honoursEndpoint(): Promise<boolean> {
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
 * Whether the aws at hand has a command that takes an argument: asked of its own parser, since a version does not tell.
 * Without the argument it never gets as far as AWS.
 */
export async function awsHas(command: readonly string[]): Promise<boolean> {
  const { exitCode, stderr } = await probe`aws ${command}`
  return exitCode !== 127 && !/invalid choice/i.test(stderr)
}

/**
 * What copies an image with its digest. `docker pull` and `docker push` do not: they turn an OCI manifest, which BuildKit may
 * push, into one of Docker's own kind, and that has another digest (seen with Docker 20.10).
 */
export async function skopeo(): Promise<Finding> {
  const name = 'skopeo'
  const { exitCode, stdout } = await probe`skopeo copy --help`
  const remedy =
    'apt-get install skopeo, brew install skopeo, or https://github.com/containers/skopeo/blob/main/install.md'
  if (exitCode !== 0) {
    return { name, status: 'FAIL', detail: 'skopeo, which copies images, is not on the PATH', remedy }
  }
  return stdout.includes('--preserve-digests')
    ? { name, status: 'OK', detail: 'it can keep digests' }
    : { name, status: 'FAIL', detail: 'this skopeo is too old to keep the digest of what it copies', remedy }
}

export async function git(): Promise<Finding> {
  const { exitCode, stdout } = await probe`git --version`
  return exitCode === 0
    ? { name: 'git', status: 'OK', detail: stdout.trim().replace('git version ', '') }
    : { name: 'git', status: 'FAIL', detail: 'git is not on the PATH', remedy: 'install git' }
}
