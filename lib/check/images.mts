import { findingsCommand, readScan } from '../image/scan.mts'
import { isVerified, type ReleaseRecord } from '../ledger/record.mts'
import { read } from '../script/shell.mts'
import { timeOf, type Time } from '../service/service.mts'
import { failed, passed, skipped, type CheckResult } from './finding.mts'

/** How many verified releases a rollback must be able to reach, whatever the lifecycle rules are. */
const keptReleases = 10

export interface StoredImage {
  digest: string
  tags: string[]
  pushedAt: Date
}

/** A rule of a lifecycle policy (https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html). */
export interface LifecycleRule {
  rulePriority: number
  selection: {
    tagStatus: 'tagged' | 'untagged' | 'any'
    tagPrefixList?: string[]
    tagPatternList?: string[]
    countType: 'imageCountMoreThan' | 'sinceImagePushed'
    /** Images, or days. */
    countNumber: number
  }
}

/** Every image of a repository, in the order of their pushes; none when there is no repository. */
export async function listImages(name: string): Promise<StoredImage[]> {
  const described = await read<{
    imageDetails: { imageDigest: string; imageTags?: string[]; imagePushedAt: Time }[]
  }>({
    ifEmpty: { imageDetails: [] },
    absent: /RepositoryNotFoundException/,
  })`aws ecr describe-images --repository-name ${name}`
  return (described?.imageDetails ?? [])
    .map(({ imageDigest, imageTags = [], imagePushedAt }) => ({
      digest: imageDigest,
      tags: imageTags,
      pushedAt: timeOf(imagePushedAt),
    }))
    .toSorted((one, other) => one.pushedAt.getTime() - other.pushedAt.getTime())
}

export function imageTagged(images: StoredImage[], tag: string): StoredImage | undefined {
  return images.find(({ tags }) => tags.includes(tag))
}

/** The rules by which a repository expires images; none when it has no policy, or does not exist. */
export async function readLifecycleRules(name: string): Promise<LifecycleRule[]> {
  const policy = await read<string>({
    absent: /(LifecyclePolicyNotFound|RepositoryNotFound)Exception/,
  })`aws ecr get-lifecycle-policy --repository-name ${name} --query lifecyclePolicyText`
  return policy === undefined ? [] : (JSON.parse(policy) as { rules: LifecycleRule[] }).rules
}

/** Digests that must stay, and the release of each: the running one, and the last verified ones. */
export function keptDigests(
  running: { digest: string; release: string },
  records: ReleaseRecord[],
): Map<string, string> {
  const kept = new Map(running.digest ? [[running.digest, running.release]] : [])
  for (const { id, components } of records) {
    const { digest, release = id } = isVerified(components.backend) ? components.backend : {}
    if (digest && kept.size < keptReleases && !kept.has(digest)) kept.set(digest, release)
  }
  return kept
}

/** Of the kept digests, those whose image is gone, and those that a rule expires now or after the next push. */
export function endangered(
  kept: Map<string, string>,
  images: StoredImage[],
  rules: LifecycleRule[],
  now: Date,
): { gone: string[]; expiring: string[] } {
  // the next push takes the tag latest with it
  const remaining = images.map((image) => ({ ...image, tags: image.tags.filter((tag) => tag !== 'latest') }))
  const afterPush = [...remaining, { digest: 'next', tags: ['latest', 'next'], pushedAt: now }]
  const expires = (digest: string) =>
    [images, afterPush].some((all) =>
      isExpired(
        all.find((image) => image.digest === digest)!,
        all,
        rules,
        now,
      ),
    )
  const digests = [...kept.keys()]
  const exists = new Set(images.map(({ digest }) => digest))
  return {
    gone: digests.filter((digest) => !exists.has(digest)),
    expiring: digests.filter((digest) => exists.has(digest) && expires(digest)),
  }
}

/**
 * Whether ECR expires an image, given all images in the order of their pushes. The rule of highest priority (the lowest
 * number) that selects an image is the only one that can expire it.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
function isExpired(image: StoredImage, images: StoredImage[], rules: LifecycleRule[], now: Date): boolean {
  const rule = rules
    .toSorted((one, other) => one.rulePriority - other.rulePriority)
    .find(({ selection }) => selects(selection, image.tags))
  if (!rule) return false
  const { countType, countNumber } = rule.selection
  if (countType === 'sinceImagePushed') return daysBetween(image.pushedAt, now) > countNumber
  const newer = images.slice(images.indexOf(image) + 1).filter(({ tags }) => selects(rule.selection, tags))
  return newer.length >= countNumber
}

function daysBetween(earlier: Date, later: Date): number {
  return (later.getTime() - earlier.getTime()) / 86_400_000
}

/** An image must match each prefix or pattern of the list, though different tags may do so. */
function selects({ tagStatus, tagPrefixList, tagPatternList }: LifecycleRule['selection'], tags: string[]): boolean {
  if (tagStatus === 'any') return true
  if (tagStatus === 'untagged') return tags.length === 0
  const patterns = tagPatternList ?? tagPrefixList?.map((prefix) => `${prefix}*`) ?? []
  return tags.length > 0 && patterns.every((pattern) => tags.some((tag) => matches(tag, pattern)))
}

/** `*` stands for any characters, and everything else for itself. */
function matches(tag: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`).test(tag)
}

/** What ECR found in the running image. */
export async function checkScan(repositoryName: string, digest: string): Promise<CheckResult> {
  const { isComplete, detail, critical, high } = await readScan(repositoryName, digest)
  if (!isComplete) return skipped(detail)
  const found = `${critical} critical and ${high} high findings in the running image`
  return critical === 0
    ? passed(found)
    : failed(
        found,
        `${findingsCommand(repositoryName, digest)} lists them; update the base image or the package, deploy`,
      )
}
