import { invalidParameter } from './errors.ts'

interface StoredImage {
  digest: string
  tags: string[]
  pushedAt: Date
}

interface Selection {
  tagStatus?: string
  countType?: string
  countNumber?: number
  countUnit?: string
}

interface Rule {
  rulePriority?: number
  selection?: Selection
  action?: { type?: string }
}

/**
 * Refuses what ECR refuses of a lifecycle policy, and returns its text.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 * @throws AwsError InvalidParameterException
 */
export function checkLifecyclePolicy(text: string): string {
  const rules = parse(text)
  const faults = rules.flatMap(ruleFaults)
  const priorities = rules.map(({ rulePriority }) => rulePriority)
  if (rules.length === 0) faults.push('rules must have at least 1 item')
  if (new Set(priorities).size < priorities.length) faults.push('rulePriority must be unique')
  const last = Math.max(...priorities.map(Number))
  if (rules.some(({ selection, rulePriority }) => selection?.tagStatus === 'any' && rulePriority !== last)) {
    faults.push('a rule with tagStatus any must have the highest rulePriority')
  }
  if (faults.length > 0) throw refusal(faults.join('; '))
  return text
}

/**
 * Digests of the images that a policy expires, oldest first. Every rule is evaluated over all images as if none had
 * expired; then the first rule by priority whose tag requirements an image meets decides about it alone.
 * Written from AWS's page and apart from the toolkit's own check of its policy, so that one can catch the other's mistake:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 * @param images in the order of their pushes
 */
export function expiredDigests(policy: string, images: StoredImage[], now: Date): string[] {
  const oldestFirst = images.toSorted((one, other) => one.pushedAt.getTime() - other.pushedAt.getTime())
  const evaluated = parse(policy)
    .toSorted((one, other) => one.rulePriority! - other.rulePriority!)
    .map((rule) => evaluate(rule.selection ?? {}, oldestFirst, now))
  return oldestFirst
    .filter((image) => evaluated.find(({ matching }) => matching.includes(image))?.marked.includes(image))
    .map(({ digest }) => digest)
}

function evaluate(selection: Selection, oldestFirst: StoredImage[], now: Date) {
  const { countType, countNumber = 0 } = selection
  const matching = oldestFirst.filter(({ tags }) => selection.tagStatus === 'any' || tags.length === 0)
  if (countType === 'imageCountMoreThan') {
    return { matching, marked: matching.slice(0, Math.max(0, matching.length - countNumber)) }
  }
  const oldest = now.getTime() - countNumber * 86_400_000
  return { matching, marked: matching.filter(({ pushedAt }) => pushedAt.getTime() < oldest) }
}

function parse(text: string): Rule[] {
  let policy: { rules?: Rule[] }
  try {
    policy = JSON.parse(text) as { rules?: Rule[] }
  } catch {
    throw refusal('it is not JSON')
  }
  if (!Array.isArray(policy.rules)) throw refusal('object has missing required properties (["rules"])')
  return policy.rules
}

function ruleFaults({ rulePriority, selection, action }: Rule): string[] {
  const { tagStatus, countType, countNumber, countUnit } = selection ?? {}
  const age = countType === 'sinceImagePushed'
  const checks: [boolean, string][] = [
    [Number.isInteger(rulePriority) && Number(rulePriority) > 0, 'rulePriority must be a positive integer'],
    [tagStatus !== 'tagged', 'the local AWS has no tagStatus tagged'],
    [['tagged', 'untagged', 'any'].includes(tagStatus ?? ''), 'tagStatus must be tagged, untagged or any'],
    [age || countType === 'imageCountMoreThan', 'countType must be imageCountMoreThan or sinceImagePushed'],
    [Number.isInteger(countNumber) && Number(countNumber) > 0, 'countNumber must be a positive integer'],
    [age === (countUnit === 'days'), 'countUnit must be days with sinceImagePushed, and absent otherwise'],
    [action?.type === 'expire', 'action.type must be expire'],
  ]
  return checks.flatMap(([holds, fault]) => (holds ? [] : `rule ${rulePriority}: ${fault}`))
}

function refusal(fault: string) {
  return invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${fault}`)
}
