import { expiredBy, type AgingImage, type LifecycleRule } from './lifecycle-policy.mts'
import { isVerified, type ReleaseRecord } from '../ledger/record.mts'
import { timeOf, type Time } from '../service/service.mts'
import { probe } from '../script/shell.mts'

/** How many verified releases a rollback must be able to reach, whatever lifecycle rules there are. */
const keptReleases = 10

/** Every image of a repository, in the order of their pushes; none when there is no repository. */
export async function repositoryImages(name: string): Promise<AgingImage[]> {
  const described = await probe`aws ecr describe-images --repository-name ${name}`
  if (/RepositoryNotFoundException/.test(described.stderr)) return []
  if (described.exitCode !== 0) throw described.failed()
  const { imageDetails } = JSON.parse(described.stdout) as {
    imageDetails: { imageDigest: string; imageTags?: string[]; imagePushedAt: Time }[]
  }
  return imageDetails
    .map(({ imageDigest, imageTags = [], imagePushedAt }) => ({
      digest: imageDigest,
      tags: imageTags,
      pushedAt: timeOf(imagePushedAt),
    }))
    .toSorted((one, other) => one.pushedAt.getTime() - other.pushedAt.getTime())
}

export function imageTagged(images: AgingImage[], tag: string): AgingImage | undefined {
  return images.find(({ tags }) => tags.includes(tag))
}

/** The rules by which a repository expires images; none when it has no policy, or is not there. */
export async function lifecycleRules(name: string): Promise<LifecycleRule[]> {
  const policy = await probe`aws ecr get-lifecycle-policy --repository-name ${name} --query lifecyclePolicyText`
  if (/(LifecyclePolicyNotFound|RepositoryNotFound)Exception/.test(policy.stderr)) return []
  if (policy.exitCode !== 0) throw policy.failed()
  return (JSON.parse(JSON.parse(policy.stdout) as string) as { rules: LifecycleRule[] }).rules
}

/** Digests that must stay, and the release of each: what runs, and what was verified last. */
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

/** Of the kept digests, those whose image is gone, and those that a rule expires now or with the next push. */
export function endangered(
  kept: Map<string, string>,
  images: AgingImage[],
  rules: LifecycleRule[],
  now: Date,
): { gone: string[]; expiring: string[] } {
  const next = { digest: 'next', tags: ['latest', 'next'], pushedAt: now }
  const moved = images.map((image) => ({ ...image, tags: image.tags.filter((tag) => tag !== 'latest') }))
  const expiring = new Set([...expiredBy(rules, images, now), ...expiredBy(rules, [...moved, next], now)])
  const there = new Set(images.map(({ digest }) => digest))
  const digests = [...kept.keys()]
  return {
    gone: digests.filter((digest) => !there.has(digest)),
    expiring: digests.filter((digest) => there.has(digest) && expiring.has(digest)),
  }
}
