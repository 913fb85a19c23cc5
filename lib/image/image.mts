import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place, Target } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { root, stateFile, writeStateFile } from '../script/files.mts'
import { isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { probe, read, run } from '../script/shell.mts'

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
export async function taskPlatform(local: boolean): Promise<Platform> {
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
  { environment, local }: Pick<Target, 'environment' | 'local'>,
): Promise<Image> {
  const platform = await taskPlatform(local)
  const flags = [...(await plainImageFlags()), '--platform', platform, '--iidfile', stateFile(environment, 'image-id')]
  await run({ inDryRun: true })`docker build ${flags} --tag ${tag} ${directory}`
  const id = readFileSync(join(root, stateFile(environment, 'image-id')), 'utf8').trim()
  const [image] = await read<{ Id: string; RepoDigests?: string[] }[]>`docker image inspect ${id}`
  if (!image) throw new Failure(`there is no image ${id}`, `docker image inspect ${id}`)
  return { id: image.Id, repoDigests: image.RepoDigests ?? [], platform }
}

/**
 * Flags that leave a plain image and nothing else. BuildKit's attestations would turn a pushed tag into an index; the
 * classic builder knows no attestations, and leaves the container of a step that failed.
 */
async function plainImageFlags(): Promise<string[]> {
  const { exitCode } = await probe`docker buildx version`
  return exitCode === 0 ? ['--provenance=false', '--sbom=false'] : ['--force-rm']
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
  const manifest = await manifestOf(repositoryName, digest)
  return manifest !== undefined && JSON.parse(manifest).config?.digest === image.id
}

/** Logs Docker in. The password goes from one command to the other through a pipe, and is valid for twelve hours. */
export async function logInTo(repository: string): Promise<void> {
  await run`aws ecr get-login-password | docker login --username AWS --password-stdin ${repository.split('/')[0]!}`
}

export async function tagImage({ id }: Image, repository: string, release: string): Promise<void> {
  for (const tag of [release, 'latest']) await run`docker tag ${id} ${`${repository}:${tag}`}`
}

/** Pushes the image that is tagged with the release and `latest`, and returns its digest. */
export async function pushImage(repository: string, target: Place & Pick<Target, 'release'>): Promise<string> {
  const { names, release } = target
  await keepImages(target)
  for (const tag of [release, 'latest']) await run`docker push ${`${repository}:${tag}`}`
  // unknown before the push
  if (isDryRun()) return 'sha256:…'
  const digest = await digestOf(names.repository, release)
  if (!digest)
    throw new Failure(`ECR has no image with the tag ${release}, which was just pushed`, 're-run the same command')
  return digest
}

/** What a tag names. */
export async function digestOf(repositoryName: string, tag: string): Promise<string | undefined> {
  const { imageDetails } = await read<{
    imageDetails: { imageDigest: string }[]
  }>`aws ecr describe-images --repository-name ${repositoryName} --image-ids imageTag=${tag}`
  return imageDetails[0]?.imageDigest
}

/** Points `latest` at an image: it must name the one that runs. Returns whether it named another. */
export async function pointLatestAt(target: Place, digest: string): Promise<boolean> {
  // the image may not be there yet
  if (isDryRun()) return false
  const { environment, names } = target
  // ECR refuses a tag that names the image already: a revision may differ in its settings only
  const named =
    await read<unknown>`aws ecr batch-get-image --repository-name ${names.repository} --image-ids imageTag=latest --query ${'images[0].imageId.imageDigest'}`
  if (named === digest) return false
  const imageManifest = await manifestOf(names.repository, digest)
  if (!imageManifest)
    throw new Failure(
      `${names.repository} no longer has the image ${digest}`,
      `latest names another image; deploy again: ${invocation('backend', environment)}`,
    )
  const input = { repositoryName: names.repository, imageTag: 'latest', imageManifest }
  const file = writeStateFile(environment, 'latest.json', input)
  await run`aws ecr put-image --cli-input-json ${`file://${file}`} --query image.imageId`
  return true
}

/** Whether a repository still has an image: a lifecycle rule or a person may have deleted it. */
export async function hasImage(repositoryName: string, digest: string): Promise<boolean> {
  return (await manifestOf(repositoryName, digest)) !== undefined
}

/** The classic builder pushes the first kind, BuildKit may push the second. */
const manifestTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
]

async function manifestOf(repositoryName: string, digest: string): Promise<string | undefined> {
  const { images } = await read<{
    images: { imageManifest: string }[]
  }>`aws ecr batch-get-image --repository-name ${repositoryName} --image-ids imageDigest=${digest} --accepted-media-types ${manifestTypes}`
  return images[0]?.imageManifest
}

interface Repository {
  repositoryUri: string
}

/** How many images a repository keeps: a rollback reaches that far back. */
const keptImages = 200

/**
 * Counted by push, over all tags: the last 200 pushes stay. A rule on age would expire the image of a release that has
 * been running for a long time.
 */
const lifecyclePolicy = {
  rules: [
    {
      rulePriority: 1,
      description: `keep the last ${keptImages} images`,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keptImages },
      action: { type: 'expire' },
    },
  ],
}

/** The URI of the environment's repository; creates it, with scan on push, when there is none. */
export async function ensureRepository({
  names,
  account,
  region,
}: Pick<Target, 'names' | 'account' | 'region'>): Promise<string> {
  const name = names.repository
  const known = await knownRepository(name)
  if (known) return known
  say(`there is no ECR repository ${name} yet`)
  const standIn = { repository: { repositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}` } }
  const { repository } = await read({
    standIn,
  })`aws ecr create-repository --repository-name ${name} --image-scanning-configuration scanOnPush=true`
  return repository.repositoryUri
}

/** The URI of a repository; undefined when there is none. */
export async function knownRepository(name: string): Promise<string | undefined> {
  const described = await probe`aws ecr describe-repositories --repository-names ${name}`
  if (described.exitCode === 0) {
    const { repositories } = JSON.parse(described.stdout) as { repositories: [Repository] }
    return repositories[0].repositoryUri
  }
  if (!/RepositoryNotFoundException/.test(described.stderr)) throw described.failed()
  return undefined
}

/** Sets the lifecycle policy, also of a repository that exists: a run may have stopped just after creating it. */
export async function keepImages({ environment, names }: Place): Promise<void> {
  const file = writeStateFile(environment, 'lifecycle-policy.json', lifecyclePolicy)
  await run`aws ecr put-lifecycle-policy --repository-name ${names.repository} --lifecycle-policy-text ${`file://${file}`} --query repositoryName`
}
