import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../environment/environments.mts'
import { requireDockerEngine } from '../image/docker.mts'
import { taskPlatform } from '../image/image.mts'
import { isWritable } from '../script/children.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { isSurvivable } from '../script/job.mts'
import { probe } from '../script/shell.mts'

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
export async function attempt(name: string, check: () => Promise<CheckResult>): Promise<Finding> {
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

/** Fails with the first finding that is FAIL. */
export function requireTools(findings: Finding[]): void {
  const bad = findings.find(({ status }) => status === 'FAIL')
  if (bad) throw new Failure(bad.detail, bad.remedy ?? 'make check ENV=<environment> shows more')
}

/** The cdk that the toolkit runs is the pinned one; 3.x is an old build published by accident (https://github.com/aws/aws-cdk/issues/38113). */
export function pinnedCdk(): Finding {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'aws-cdk', 'package.json'), 'utf8'))
  return cdkFinding('cdk (pinned)', version, 'npm ci')
}

/** The cdk on the PATH, which the documents' bare `cdk` lines use. */
export async function cdkOnPath(): Promise<Finding> {
  const name = 'cdk on the PATH'
  // npm run puts the pinned one first
  const PATH = (process.env['PATH'] ?? '').split(':').filter((entry) => !entry.endsWith('/node_modules/.bin'))
  const { exitCode, stdout } = await probe({ env: { PATH: PATH.join(':') } })`cdk --version`
  if (exitCode !== 0) return { name, ...skipped('none; `npx cdk` in infrastructure/ runs the pinned one') }
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies['aws-cdk']
  return cdkFinding(name, stdout.trim().split(' ')[0]!, `npm install --global aws-cdk@${pinned}`)
}

function cdkFinding(name: string, version: string, remedy: string): Finding {
  return version.startsWith('2.')
    ? { name, ...passed(version) }
    : { name, ...failed(`${name} is ${version}, an old build published by accident as 3.x`, remedy) }
}

export async function dockerEngine(): Promise<Finding> {
  return await attempt('Docker engine', async () => passed(await requireDockerEngine()))
}

/** Whether an image for the tasks' platform can be built here. */
export async function platformFinding(local: boolean): Promise<Finding> {
  const name = 'platform'
  const [platform, engine] = await Promise.all([
    taskPlatform(local),
    probe`docker version --format ${'{{.Server.Os}}/{{.Server.Arch}}'}`,
  ])
  if (engine.exitCode !== 0) return { name, ...skipped('no Docker engine answers') }
  const native = engine.stdout.trim()
  if (native === platform) return { name, ...passed(`${platform}, the engine's own`) }
  const { stdout } = await probe`docker buildx inspect`
  const emulated = /^Platforms:(.*)$/m.exec(stdout)?.[1] ?? ''
  return emulated.split(/[\s,*]+/).includes(platform)
    ? { name, ...passed(`${platform}, emulated on ${native}: builds take longer`) }
    : {
        name,
        ...failed(
          `the tasks run on ${platform}, and the engine builds only for ${native}`,
          `docker run --privileged --rm tonistiigi/binfmt --install ${platform.split('/')[1]}`,
        ),
      }
}

export function nodeFinding(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
    ? { name: 'node', ...passed(version) }
    : { name: 'node', ...failed(`node is ${version}`, 'install Node.js 20.19 or later (https://nodejs.org)') }
}

/** Of the user's shell, what a command needs and cannot be given: lib/script/children.mts answers for the rest. */
export function homeFinding(home = homedir()): Finding {
  return isWritable(home)
    ? { name: 'home', ...passed(home) }
    : { name: 'home', ...skipped(`${home} cannot be written; BuildKit and npm may need it: export HOME=<a directory>`) }
}

export async function gitFinding(): Promise<Finding> {
  const { exitCode, stdout } = await probe`git --version`
  return exitCode === 0
    ? { name: 'git', ...passed(stdout.trim().replace('git version ', '')) }
    : { name: 'git', ...failed('git is not on the PATH', 'install git') }
}

/**
 * The tool that copies an image with its digest. `docker pull` and `docker push` do not: they convert an OCI manifest, which
 * BuildKit may push, into one of Docker's own, and that has another digest (seen with Docker 20.10).
 */
export async function skopeoFinding(): Promise<Finding> {
  const name = 'skopeo'
  const { exitCode, stdout } = await probe`skopeo copy --help`
  const remedy =
    'apt-get install skopeo, brew install skopeo, or https://github.com/containers/skopeo/blob/main/install.md'
  if (exitCode !== 0) return { name, ...failed('skopeo, which copies images, is not on the PATH', remedy) }
  return stdout.includes('--preserve-digests')
    ? { name, ...passed('it can keep digests') }
    : { name, ...failed('this skopeo is too old to keep the digest of the images that it copies', remedy) }
}

/** Only `promote` copies images: a missing skopeo is shown, and stops no deployment. */
export async function optionalSkopeoFinding(): Promise<Finding> {
  const { status, detail, remedy, ...finding } = await skopeoFinding()
  return status === 'OK'
    ? { ...finding, ...passed(detail) }
    : { ...finding, ...skipped(`${detail}; only promote needs it: ${remedy}`) }
}
