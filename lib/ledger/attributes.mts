/** A value as DynamoDB writes it (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html). */
type Attribute =
  { S: string } | { N: string } | { BOOL: boolean } | { L: Attribute[] } | { M: Record<string, Attribute> }

export type Attributes = Record<string, Attribute>

/** Plain data as attributes: text, numbers, booleans, lists and objects of these. What is undefined is left out. */
export function toAttributes(item: object): Attributes {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (value === undefined ? [] : [[name, toAttribute(value)]])),
  )
}

export function fromAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, fromAttribute(value)]))
}

function toAttribute(value: unknown): Attribute {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (Array.isArray(value)) return { L: value.map(toAttribute) }
  if (typeof value === 'object' && value !== null) return { M: toAttributes(value) }
  throw new TypeError(`no attribute can hold ${String(value)}`)
}

function fromAttribute(attribute: Attribute): unknown {
  if ('S' in attribute) return attribute.S
  if ('N' in attribute) return Number(attribute.N)
  if ('BOOL' in attribute) return attribute.BOOL
  if ('L' in attribute) return attribute.L.map(fromAttribute)
  return fromAttributes(attribute.M)
}
