import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeReleaseId } from '../environment/checkout.mts'
import { requireDockerEngine } from '../image/docker.mts'
import { chooseTaskPlatform } from '../image/image.mts'
import { isWritable } from '../script/children.mts'
import { Failure } from '../script/failure.mts'
import { root } from '../script/files.mts'
import { probe } from '../script/shell.mts'
import { runCheck, failed, passed, skipped, type Finding } from './finding.mts'

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
export async function checkCdkOnPath(): Promise<Finding> {
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

export async function checkDockerEngine(): Promise<Finding> {
  return await runCheck('Docker engine', async () => passed(await requireDockerEngine()))
}

/** Whether an image for the tasks' platform can be built here. */
export async function checkPlatform(local: boolean): Promise<Finding> {
  const name = 'platform'
  const [platform, engine] = await Promise.all([
    chooseTaskPlatform(local),
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

export async function checkGit(): Promise<Finding> {
  const { exitCode, stdout } = await probe`git --version`
  return exitCode === 0
    ? { name: 'git', ...passed(stdout.trim().replace('git version ', '')) }
    : { name: 'git', ...failed('git is not on the PATH', 'install git') }
}

/** Whether git takes this directory for a checkout with a commit: git itself may be there, and refuse it. */
export async function checkCheckout(): Promise<Finding> {
  return await runCheck('checkout', async () => {
    const release = await makeReleaseId()
    const [, commit, dirty] = release.split('-')
    return passed(`commit ${commit}${dirty ? ', with uncommitted changes' : ''}`)
  })
}

/**
 * The tool that copies an image with its digest. `docker pull` and `docker push` do not: they convert an OCI manifest, which
 * BuildKit may push, into one of Docker's own, and that has another digest (seen with Docker 20.10).
 */
export async function checkSkopeo(): Promise<Finding> {
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
export async function checkOptionalSkopeo(): Promise<Finding> {
  const { status, detail, remedy, ...finding } = await checkSkopeo()
  return status === 'OK'
    ? { ...finding, ...passed(detail) }
    : { ...finding, ...skipped(`${detail}; only promote needs it: ${remedy}`) }
}
