/**
 * Whether a whole text matches a pattern of AWS, in which `*` stands for any characters and `?` for exactly one: path
 * patterns of load balancers and distributions, ARNs and actions in policies. Case-sensitive.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern)
  if (!expression) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.')
    expression = new RegExp(`^${source}$`, 's')
    if (compiled.size > 1_000) compiled.clear()
    compiled.set(pattern, expression)
  }
  return expression.test(text)
}

const compiled = new Map<string, RegExp>()
