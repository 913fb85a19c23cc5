/** Headers in the order and spelling of the wire; a name may occur more than once. */
export type HeaderList = [name: string, value: string][]

/** From node's `rawHeaders`: names and values in turn. */
export function headerList(raw: readonly string[]): HeaderList {
  const list: HeaderList = []
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index]!, raw[index + 1]!])
  return list
}

/** All values of a header as one, in the form that RFC 9110 §5.3 allows; undefined if it is not there. */
export function valueOf(list: HeaderList, name: string): string | undefined {
  const values = list.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  return values.length > 0 ? values.join(', ') : undefined
}

export function without(list: HeaderList, ...names: string[]): HeaderList {
  const dropped = new Set(names.map((name) => name.toLowerCase()))
  return list.filter(([name]) => !dropped.has(name.toLowerCase()))
}

/** Replaces a header, whatever its spelling was. */
export function withHeader(list: HeaderList, name: string, value: string): HeaderList {
  return [...without(list, name), [name, value]]
}

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Without the headers that concern only one connection: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
export function endToEnd(list: HeaderList): HeaderList {
  const named = (valueOf(list, 'connection') ?? '').split(',').map((name) => name.trim())
  return without(list, ...hopByHop, ...named)
}
