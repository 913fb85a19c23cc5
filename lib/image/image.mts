import { readFileSync, chmodSync, cpSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, dirname, relative } from 'node:path'
import type { Place, Target } from '../environment/target.mts'
import { Failure } from '../script/failure.mts'
import { root, makeRunDirectory } from '../script/files.mts'
import { isDryRun, isSurvivable } from '../script/job.mts'
import { probe, read, run } from '../script/shell.mts'
import { chooseImageBuilder, makeRegistryConfig, registryEnvironment } from './docker.mts'
import { readImage, keepImages, tagAsLatest } from './repository.mts'
import { settingsText } from '../environment/settings.mts'
import { echo, say } from '../script/narration.mts'

export type Platform = 'linux/amd64' | 'linux/arm64'

/** An image as the engine that built it knows it. */
export interface Image {
  /** Digest of its configuration (or of its manifest, with Docker's containerd store). */
  id: string
  /** `<repository>@sha256:…` of each place that it was pushed to or pulled from. */
  repoDigests: string[]
  platform: Platform
}

/**
 * The platform that the tasks run on. On AWS always Intel, so that the builds of two people do not differ; on the AWS of
 * this machine that of the Docker engine, since tasks are its containers.
 */
export async function chooseTaskPlatform(local: boolean): Promise<Platform> {
  if (!local) return 'linux/amd64'
  const { stdout } = await probe`docker version --format ${'{{.Server.Arch}}'}`
  return stdout.trim() === 'arm64' ? 'linux/arm64' : 'linux/amd64'
}

/**
 * Builds the image of a directory, for the platform that the tasks run on. The engine says in a file which one it is: the
 * tag may name a newer one already, of another checkout.
 */
export async function buildPlainImage(
  directory: string,
  tag: string,
  { environment, local, settings }: Pick<Target, 'environment' | 'local' | 'settings'>,
): Promise<Image> {
  const { NODE_IMAGE } = settings
  const [platform, { env, flags }] = await Promise.all([chooseTaskPlatform(local), chooseImageBuilder(environment)])
  // on this machine it may be a stand-in, which no registry has
  if (!local) flags.push(...(await pullFlags(NODE_IMAGE, platform, env)))
  const file = join(makeRunDirectory(environment, 'image'), 'id')
  await run({
    alsoInDryRun: true,
    env,
  })`docker build ${flags} --build-arg ${`NODE_IMAGE=${NODE_IMAGE}`} --platform ${platform} --iidfile ${file} --tag ${tag} ${directory}`
  const id = readFileSync(join(root, file), 'utf8').trim()
  const [image] = await read<{ Id: string; RepoDigests?: string[] }[]>`docker image inspect ${id}`
  if (!image) throw new Failure(`there is no image ${id}`, `docker image inspect ${id}`)
  return { id: image.Id, repoDigests: image.RepoDigests ?? [], platform }
}

/**
 * Asks for the base image as its registry has it now: a builder that has one would never look for the patched one. Where the
 * registry does not answer, it builds on the one that is here.
 */
async function pullFlags(image: string, platform: Platform, env: Record<string, string | undefined>) {
  const pulled = await probe({ env, shown: true })`docker pull --quiet --platform ${platform} ${image}`
  if (pulled.exitCode === 0) return ['--pull']
  say(`warning: builds on the ${image} that is here, since it cannot be pulled: ${pulled.failed().message}`)
  return []
}

/** `<registry>/<name>` and `sha256:…` of an image reference that is pinned by digest; undefined when it is not. */
export function pinned(reference: string): { repository: string; digest: string } | undefined {
  const [repository, digest] = reference.split('@')
  return repository && digest?.startsWith('sha256:') ? { repository, digest } : undefined
}

/** Whether a reference, pinned by digest, is that image. */
export async function isImage(reference: string, image: Image, repositoryName: string): Promise<boolean> {
  if (image.repoDigests.includes(reference) || reference.endsWith(`@${image.id}`)) return true
  const digest = pinned(reference)?.digest
  if (!digest) return false
  const stored = await readImage(repositoryName, `imageDigest=${digest}`)
  return stored !== undefined && JSON.parse(stored.manifest).config?.digest === image.id
}

/** Logs Docker in. The password goes from one command to the other through a pipe, and is valid for twelve hours. */
export async function logInTo(repository: string, { environment }: Pick<Target, 'environment'>): Promise<void> {
  const registry = repository.split('/')[0]!
  const env = isDryRun() ? {} : makeRegistryConfig(environment, registry)
  await run({ env })`aws ecr get-login-password | docker login --username AWS --password-stdin ${registry}`
}

export async function tagImage({ id }: Image, repository: string, release: string): Promise<void> {
  for (const tag of [release, 'latest']) await run`docker tag ${id} ${`${repository}:${tag}`}`
}

/**
 * Pushes the image that is tagged with the release, tags it `latest` in ECR too, and returns its digest.
 * @param bucket of the site: the list of the image's packages is kept there
 */
export async function pushImage(
  repository: string,
  target: Place & Pick<Target, 'release'>,
  bucket: string,
): Promise<string> {
  const { names, release } = target
  const env = registryEnvironment(target.environment)
  await Promise.all([
    // first, since a step that went well shows three commands
    run({ env })`docker push ${`${repository}:${release}`}`,
    keepImages(target),
    keepSbom(target, bucket),
  ])
  // unknown before the push
  const dryRunAnswer = { digest: 'sha256:…', manifest: '…' }
  const pushed = isDryRun() ? dryRunAnswer : await readImage(names.repository, `imageTag=${release}`)
  if (!pushed)
    throw new Failure(`ECR has no image with the tag ${release}, which was just pushed`, 're-run the same command')
  // as a second push would do, which asks for every layer again
  await tagAsLatest(target, pushed.manifest)
  return pushed.digest
}

const source = 'backend'

/**
 * Copies the backend to a build context of this run's own, with the task's settings as its `.env`; returns its directory.
 * Two runs at once do not mix their settings there, and what git ignores, such as a person's own .env, never reaches an
 * image. Docker's cache looks at content and mode, not at times: an unchanged backend is an unchanged image.
 */
export async function copyBackend({
  environment,
  settings,
}: Pick<Target, 'environment' | 'settings'>): Promise<string> {
  const listed = await probe`git ls-files -z --cached --others --exclude-standard ${source}`
  if (listed.exitCode !== 0) throw listed.failed()
  const context = makeRunDirectory(environment, source)
  echo(`cp -r ${source}/. ${context}`)
  for (const file of new Set(listed.stdout.trim().split('\0'))) {
    // a file that was deleted, and not yet from git
    if (!existsSync(join(root, file)) || file === '' || relative(source, file).startsWith('.env')) continue
    const copy = join(root, context, relative(source, file))
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 })
    cpSync(join(root, file), copy, { verbatimSymlinks: true })
    // as git knows it: another umask is no other image
    const status = lstatSync(copy)
    if (status.isFile()) chmodSync(copy, status.mode & 0o100 ? 0o755 : 0o644)
  }
  echo(`cp env/.env.${environment} ${context}/.env   # the task's keys only`)
  writeFileSync(join(root, context, '.env'), settingsText('task', settings), { mode: 0o644 })
  return context
}

/*
 * The list of the packages in an image (SPDX 2.3), beside the manifests of the site's releases, where the CDN serves nothing.
 * A release without it is as good: whatever goes wrong here is a warning.
 */

/** Lists the packages of the build context as the Dockerfile installs them, from its lock file alone, and keeps the list. */
async function keepSbom(
  { environment, release }: Pick<Target, 'environment' | 'release'>,
  bucket: string,
): Promise<void> {
  await runOrWarn(async () => {
    const context = makeRunDirectory(environment, 'backend')
    const listed = await probe({
      cwd: join(root, context),
      shown: true,
    })`npm sbom --sbom-format spdx --package-lock-only --omit dev --omit optional`
    listed.answer()
    const file = join(makeRunDirectory(environment, 'sbom'), 'sbom.json')
    writeFileSync(join(root, file), listed.stdout)
    await run`aws s3 cp ${file} ${sbomOf(bucket, release)} --no-progress --content-type application/spdx+json`
  })
}

/** Copies the list of a release that is promoted. */
export async function copySbom(from: string, to: string, release: string): Promise<void> {
  await runOrWarn(() => run`aws s3 cp ${sbomOf(from, release)} ${sbomOf(to, release)} --no-progress`)
}

function sbomOf(bucket: string, release: string): string {
  return `s3://${bucket}/releases/sbom/${release}.json`
}

async function runOrWarn(keep: () => Promise<void>): Promise<void> {
  try {
    await keep()
  } catch (error) {
    if (!isSurvivable(error)) throw error
    say(`warning: this release has no list of its packages (SBOM): ${error.message}`)
  }
}
