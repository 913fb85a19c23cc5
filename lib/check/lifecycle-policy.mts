/** An image of a repository, as its lifecycle policy looks at it. */
export interface AgingImage {
  digest: string
  tags: string[]
  pushedAt: Date
}

/** A rule of a lifecycle policy, as far as it decides (https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html). */
export interface LifecycleRule {
  rulePriority?: number
  selection?: {
    tagStatus?: string
    tagPrefixList?: string[]
    tagPatternList?: string[]
    countType?: string
    countNumber?: number
    countUnit?: string
  }
  action?: { type?: string }
}

/**
 * Digests of the images that rules expire, given in the order of their pushes. An image whose tags a rule asks for is
 * that rule's alone: no rule of a lower priority expires it, though it counts there.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export function expiredBy(rules: LifecycleRule[], images: AgingImage[], now: Date): string[] {
  const newestFirst = images.toReversed().toSorted((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime())
  const claimed = new Set<string>()
  const marked: string[] = []
  for (const { selection = {} } of rules.toSorted((a, b) => Number(a.rulePriority) - Number(b.rulePriority))) {
    const { countType, countNumber = 0 } = selection
    const wanted = newestFirst.filter(({ tags }) => asksFor(selection, tags))
    const old =
      countType === 'imageCountMoreThan'
        ? wanted.slice(countNumber)
        : wanted.filter(({ pushedAt }) => now.getTime() - pushedAt.getTime() > countNumber * day)
    marked.push(...old.map(({ digest }) => digest).filter((digest) => !claimed.has(digest)))
    for (const { digest } of wanted) claimed.add(digest)
  }
  return marked
}

const day = 24 * 60 * 60 * 1000

/** An image must match each prefix or pattern of the list, though by different tags. */
function asksFor(
  { tagStatus, tagPrefixList, tagPatternList }: NonNullable<LifecycleRule['selection']>,
  tags: string[],
): boolean {
  if (tagStatus === 'any') return true
  if (tagStatus === 'untagged' || tags.length === 0) return tagStatus === 'untagged' && tags.length === 0
  const patterns = tagPatternList ?? tagPrefixList?.map((prefix) => `${prefix}*`) ?? []
  return patterns.map(expression).every((pattern) => tags.some((tag) => pattern.test(tag)))
}

/** `*` stands for any characters. */
function expression(pattern: string): RegExp {
  const literal = pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\/-]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`)
}
