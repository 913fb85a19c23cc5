/** One place where two documents differ. */
export interface Difference {
  /** `containerDefinitions.web.environment.LOG_LEVEL` */
  path: string
  /** Undefined: it is not in the old document. */
  from: string | undefined
  /** Undefined: it is not in the new document. */
  to: string | undefined
}

/** What differs between two documents. Items of a list are matched by name, or else by position. */
export function differences(before: object, after: object): Difference[] {
  const [old, fresh] = [flattened(before), flattened(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((path) => {
    const [from, to] = [old.get(path), fresh.get(path)]
    return from === to ? [] : [{ path, from, to }]
  })
}

/** A difference for a reader: `cpu: 256 → 512`. */
export function differenceLine({ path, from = '(none)', to = '(none)' }: Difference): string {
  return `${path}: ${from} → ${to}`
}

function flattened(value: unknown, path: string[] = []): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path.join('.'), String(value)]])
  const entries = Array.isArray(value)
    ? value.map((item, index) => [nameOf(item) ?? String(index), item] as const)
    : Object.entries(value)
  return new Map(
    entries.flatMap(([name, item]) => {
      const inner = [...path, name]
      // a setting is its value, whatever the pair is called
      return [...(isPair(item) ? new Map([[inner.join('.'), String(item.value)]]) : flattened(item, inner))]
    }),
  )
}

function nameOf(item: unknown): string | undefined {
  const { name } = (item ?? {}) as { name?: unknown }
  return typeof name === 'string' ? name : undefined
}

function isPair(item: unknown): item is { name: string; value: unknown } {
  return (
    nameOf(item) !== undefined &&
    Object.keys(item as object)
      .toSorted()
      .join() === 'name,value'
  )
}
