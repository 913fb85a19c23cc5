/**
 * Whether a whole text matches a pattern of AWS, in which `*` stands for any characters and `?` for exactly one: path
 * patterns of load balancers and distributions, ARNs and actions in policies.
 */
export function matchesWildcard(pattern: string, text: string, { ignoresCase = false } = {}): boolean {
  const flags = ignoresCase ? 'is' : 's'
  const key = `${flags}:${pattern}`
  let expression = compiled.get(key)
  if (!expression) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.')
    expression = new RegExp(`^${source}$`, flags)
    if (compiled.size > 1_000) compiled.clear()
    compiled.set(key, expression)
  }
  return expression.test(text)
}

const compiled = new Map<string, RegExp>()
