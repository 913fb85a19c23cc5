import { splitAttribute } from './template.ts'

/** One mention of a name in a template: of a resource, a parameter or a pseudo parameter. */
export interface Reference {
  id: string
  /** Absent for `Ref`. */
  attribute?: string
}

/** Every Ref, Fn::GetAtt and `${…}` of Fn::Sub inside a value. Names that a Fn::Sub defines itself do not count. */
export function references(value: unknown): Reference[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [{ id: inner }]
    if (key === 'Fn::GetAtt') return attributeReference(inner)
    if (key === 'Fn::Sub') return substitutions(inner)
    return references(inner)
  })
}

function attributeReference(argument: unknown): Reference[] {
  const [id, attribute] = typeof argument === 'string' ? splitAttribute(argument) : (argument as [string, unknown])
  return [{ id, attribute: String(attribute) }, ...references(attribute)]
}

function substitutions(argument: unknown): Reference[] {
  const [text, variables] = Array.isArray(argument) ? (argument as [string, object]) : [String(argument), {}]
  const named = placeholders(text)
    .filter((name) => !Object.hasOwn(variables, name))
    .map((name) => {
      const [id, attribute] = splitAttribute(name)
      return attribute ? { id, attribute } : { id }
    })
  return [...named, ...references(variables)]
}

const placeholder = /\$\{([^!{}][^{}]*)\}/g

/** The names in `${name}` of a Fn::Sub text; `${!literal}` is none. */
function placeholders(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name]) => name!.trim())
}

/** Fills the `${name}` of a Fn::Sub text and unescapes `${!literal}`. */
export function substitute(text: string, valueOf: (name: string) => string): string {
  return text.replace(placeholder, (_, name: string) => valueOf(name.trim())).replaceAll('${!', '${')
}

/** Every `Fn::If` and `{ Condition: name }` inside a value: the names of the conditions that it needs. */
export function conditionNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(conditionNames)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = key === 'Fn::If' && Array.isArray(inner) ? [String(inner[0])] : []
    return [...own, ...conditionNames(inner)]
  })
}
