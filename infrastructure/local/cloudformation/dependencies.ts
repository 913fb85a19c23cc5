import { references } from './references.ts'
import type { Template } from './template.ts'

/** Logical id → logical ids that must exist before it. */
export type Dependencies = ReadonlyMap<string, readonly string[]>

/** What each resource waits for: whatever its properties mention, and its DependsOn. */
export function dependenciesOf(template: Template): Dependencies {
  return new Map(
    Object.entries(template.Resources).map(([logicalId, definition]) => {
      const mentioned = references(definition.Properties).map(({ id }) => id)
      const all = new Set([...mentioned, ...[definition.DependsOn ?? []].flat()])
      all.delete(logicalId)
      return [logicalId, [...all].filter((id) => Object.hasOwn(template.Resources, id))]
    }),
  )
}

/** Dependencies first. The names of a cycle, should there be one, are missing: see `cycle`. */
export function topological(dependencies: Dependencies): string[] {
  const order: string[] = []
  const visited = new Set<string>()
  const visit = (id: string): void => {
    if (visited.has(id)) return
    visited.add(id)
    dependencies.get(id)?.forEach(visit)
    if (dependencies.has(id)) order.push(id)
  }
  for (const id of dependencies.keys()) visit(id)
  return order
}

/** The resources that wait for each other, in no particular order; empty when there is a way to create them all. */
export function cycle(dependencies: Dependencies): string[] {
  const waiting = new Map(dependencies)
  for (let before = -1; before !== waiting.size;) {
    before = waiting.size
    for (const [id, needs] of waiting) {
      if (!needs.some((need) => waiting.has(need))) waiting.delete(id)
    }
  }
  return trimLeaves(waiting)
}

/** What only waits for a cycle is not part of it. */
function trimLeaves(waiting: Map<string, readonly string[]>): string[] {
  for (let before = -1; before !== waiting.size;) {
    before = waiting.size
    const needed = new Set([...waiting.values()].flat())
    for (const id of waiting.keys()) if (!needed.has(id)) waiting.delete(id)
  }
  return [...waiting.keys()]
}

/** The same arrows the other way round: for deletion, what must be gone before. */
export function reversed(dependencies: Dependencies): Dependencies {
  const dependents = new Map<string, string[]>([...dependencies.keys()].map((id) => [id, []]))
  for (const [id, needs] of dependencies) for (const need of needs) dependents.get(need)?.push(id)
  return dependents
}
