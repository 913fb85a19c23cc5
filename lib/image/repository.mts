import { tagsOf } from '../environment/environments.mts'
import type { Place, Target } from '../environment/target.mts'
import { invocation } from '../script/command-line.mts'
import { Failure } from '../script/failure.mts'
import { writeStateFile } from '../script/files.mts'
import { isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { change, read, run } from '../script/shell.mts'

/*
 * The environment's repository, and what it has.
 */

/** The classic builder pushes the first kind, BuildKit may push the second. */
const manifestTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
]

/** The image of a tag or a digest, `imageTag=…` or `imageDigest=…`: a lifecycle rule or a person may have deleted it. */
export async function readImage(repositoryName: string, id: string) {
  const [image] = await readImages(repositoryName, [id])
  return image && { digest: image.imageId.imageDigest, manifest: image.imageManifest }
}

async function readImages(repositoryName: string, ids: string[]) {
  const { images } = await read<{
    images: { imageId: { imageDigest: string; imageTag?: string }; imageManifest: string }[]
  }>`aws ecr batch-get-image --repository-name ${repositoryName} --image-ids ${ids} --accepted-media-types ${manifestTypes}`
  return images
}

/** Points `latest` at an image: it must name the one that runs. Returns whether it named another. */
export async function pointLatestAt(target: Place, digest: string): Promise<boolean> {
  // the image may not be there yet
  if (isDryRun()) return false
  const { environment, names } = target
  const images = await readImages(names.repository, ['imageTag=latest', `imageDigest=${digest}`])
  // a revision may differ in its settings only
  if (images.some(({ imageId }) => imageId.imageTag === 'latest' && imageId.imageDigest === digest)) return false
  const wanted = images.find(({ imageId }) => imageId.imageDigest === digest)
  if (!wanted)
    throw new Failure(
      `${names.repository} no longer has the image ${digest}`,
      `latest names another image; deploy again: ${invocation('backend', environment)}`,
    )
  return await tagAsLatest(target, wanted.imageManifest)
}

/**
 * Tags the image of a manifest `latest`. Returns whether it does now: in a repository with immutable tags it cannot, and
 * need not, since revisions name their image by digest.
 */
export async function tagAsLatest({ environment, names }: Place, imageManifest: string): Promise<boolean> {
  const input = { repositoryName: names.repository, imageTag: 'latest', imageManifest }
  const file = writeStateFile(environment, 'latest.json', input)
  const put = await change`aws ecr put-image --cli-input-json ${`file://${file}`} --query image.imageId`
  // the tag names the image already: another run was quicker, or the first answer was lost
  if (put.exitCode === 0 || /ImageAlreadyExistsException/.test(put.stderr)) return true
  if (!/ImageTagAlreadyExistsException/.test(put.stderr)) throw put.failed()
  say(`the tags of ${names.repository} are immutable: latest stays where it is; revisions name their image by digest`)
  return false
}

/** How many images a repository keeps: a rollback reaches that far back. */
const keptImages = 200

/**
 * Counted by push, over all tags: the last 200 pushes stay. A rule on age would expire the image of a release that has
 * been running for a long time.
 */
export const lifecyclePolicy = {
  rules: [
    {
      rulePriority: 1,
      description: `keep the last ${keptImages} images`,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keptImages },
      action: { type: 'expire' },
    },
  ],
}

/**
 * The URI of the environment's repository; creates it, with scan on push, when there is none.
 * @param asked its URI, where it was asked for before
 */
export async function ensureRepository(
  { names, account, region }: Pick<Target, 'names' | 'account' | 'region'>,
  asked = findRepository(names.repository),
): Promise<string> {
  const name = names.repository
  const known = await asked
  if (known) return known
  say(`there is no ECR repository ${name} yet`)
  const tags = Object.entries(tagsOf(names)).map(([key, value]) => `Key=${key},Value=${value}`)
  const dryRunAnswer = { repository: { repositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}` } }
  const created = await change({
    dryRunAnswer,
  })`aws ecr create-repository --repository-name ${name} --image-scanning-configuration scanOnPush=true --tags ${tags}`
  if (created.exitCode === 0) return created.answer().repository.repositoryUri
  // the answer to our own call was lost, or another run was quicker
  const since = /RepositoryAlreadyExistsException/.test(created.stderr) ? await findRepository(name) : undefined
  if (since === undefined) throw created.failed()
  return since
}

/** The URI of a repository; undefined when there is none. */
export async function findRepository(name: string): Promise<string | undefined> {
  const described = await read<{ repositories: [{ repositoryUri: string }] }>({
    absent: /RepositoryNotFoundException/,
  })`aws ecr describe-repositories --repository-names ${name}`
  return described?.repositories[0].repositoryUri
}

/**
 * A tag of a release never names another image, for the sake of people who read it. `latest` moves.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export const tagMutability = {
  imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
  imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
}

/** Sets what a repository keeps, also of one that exists: a run may have stopped just after creating it. */
export async function keepImages({ environment, names }: Place): Promise<void> {
  const policy = writeStateFile(environment, 'lifecycle-policy.json', lifecyclePolicy)
  const tags = writeStateFile(environment, 'tag-mutability.json', tagMutability)
  const [, mutability] = await Promise.all([
    run`aws ecr put-lifecycle-policy --repository-name ${names.repository} --lifecycle-policy-text ${`file://${policy}`} --query repositoryName`,
    change`aws ecr put-image-tag-mutability --repository-name ${names.repository} --cli-input-json ${`file://${tags}`} --query repositoryName`,
  ])
  if (mutability.exitCode === 0) return
  if (!/Unknown parameter in input/.test(mutability.stderr)) throw mutability.failed()
  say(`this aws is too old for immutable tags: those of ${names.repository} can be moved`)
}
