/**
 * Writes a plain object as XML. Lists: `member` wraps each item in `<member>` (query), `repeat` repeats the list's own
 * element (rest-xml). Undefined and null are left out; a Date is written in ISO 8601.
 */
export function renderXml(document: Record<string, unknown>, lists: 'member' | 'repeat', namespace?: string): string {
  const attribute = namespace ? ` xmlns="${escapeXml(namespace)}"` : ''
  const body = Object.entries(document).map(
    ([name, value]) => `<${name}${attribute}>${content(value, lists)}</${name}>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body.join('')}`
}

function content(value: unknown, lists: 'member' | 'repeat'): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${content(item, lists)}</member>`).join('')
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, child]) => element(name, child, lists))
      .join('')
  }
  return escapeXml(String(value))
}

function element(name: string, value: unknown, lists: 'member' | 'repeat'): string {
  if (value === undefined || value === null) return ''
  if (lists === 'repeat' && Array.isArray(value)) return value.map((item) => element(name, item, lists)).join('')
  return `<${name}>${content(value, lists)}</${name}>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escapeXml(text: string): string {
  // a control character that XML 1.0 cannot carry at all would make the whole answer unreadable
  return text.replace(/[^\P{Cc}\t\n\r]/gu, '\uFFFD').replace(/[&<>"]/g, (sign) => entities[sign]!)
}
