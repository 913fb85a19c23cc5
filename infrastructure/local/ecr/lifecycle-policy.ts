import { expiredBy, type AgingImage, type LifecycleRule as Rule } from '../../../lib/check/lifecycle-policy.mts'
import { invalidParameter } from './errors.ts'

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

/** Digests of the images that a policy expires, given in the order of their pushes. */
export function expired(policy: string, images: AgingImage[], now: Date): string[] {
  return expiredBy(parse(policy), images, now)
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
  const { tagStatus, tagPrefixList, tagPatternList, countType, countNumber, countUnit } = selection ?? {}
  const age = countType === 'sinceImagePushed'
  const checks: [boolean, string][] = [
    [Number.isInteger(rulePriority) && Number(rulePriority) > 0, 'rulePriority must be a positive integer'],
    [['tagged', 'untagged', 'any'].includes(tagStatus ?? ''), 'tagStatus must be tagged, untagged or any'],
    [
      tagStatus !== 'tagged' || Boolean(tagPrefixList ?? tagPatternList),
      'tagged needs tagPrefixList or tagPatternList',
    ],
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
