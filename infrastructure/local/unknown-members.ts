/**
 * Paths of the members that are not among the known ones, such as `DistributionConfig.OriginGroups`. A known path covers all
 * below it; what is in a list has the path of the list.
 */
export function unknownMembers(given: object, known: readonly string[]): string[] {
  const unknownAt = (path: string, value: unknown): string[] => {
    if (known.includes(path)) return []
    if (typeof value !== 'object' || value === null || !known.some((each) => each.startsWith(`${path}.`))) return [path]
    if (Array.isArray(value)) return value.flatMap((item) => unknownAt(path, item))
    return Object.entries(value).flatMap(([name, member]) => unknownAt(`${path}.${name}`, member))
  }
  return [...new Set(Object.entries(given).flatMap(([name, member]) => unknownAt(name, member)))]
}
