import { matchesWildcard } from '../wildcard.ts'

/** One or several, as policies write them. */
export function listOf<Item>(items: Item | Item[]): Item[] {
  return Array.isArray(items) ? items : [items]
}

/** An action, or a value of a condition: `*` is any text, `?` one character. Actions know no case. */
export function matchesText(pattern: string, text: string, caseMatters = false): boolean {
  if (pattern.includes('${')) throw new Error(`the local AWS does not evaluate policy variables: ${pattern}`)
  return matchesWildcard(pattern, text, { ignoresCase: !caseMatters })
}

/**
 * Part by part: a `*` does not reach over a colon, but for the last part, which may have some.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
 */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true
  const [patterns, parts] = [partsOf(pattern), partsOf(arn)]
  return patterns.length === parts.length && patterns.every((each, index) => matchesText(each, parts[index]!, true))
}

/** `arn`, partition, service, region, account, resource. */
function partsOf(arn: string): string[] {
  const parts = arn.split(':')
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])]
}
