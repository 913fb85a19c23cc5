import { valueOf, type HeaderList } from '../http/headers.ts'

/** Whether the viewer's conditions say that it has this very response already: RFC 9110 §13.2.2 */
export function isUnchangedFor(requested: HeaderList, kept: HeaderList): boolean {
  const noneMatch = valueOf(requested, 'if-none-match')
  const etag = valueOf(kept, 'etag')
  if (noneMatch !== undefined) {
    const known = noneMatch.split(',').map((each) => weak(each.trim()))
    return noneMatch.trim() === '*' || (etag !== undefined && known.includes(weak(etag)))
  }
  const since = Date.parse(valueOf(requested, 'if-modified-since') ?? '')
  const modified = Date.parse(valueOf(kept, 'last-modified') ?? '')
  return modified <= since
}

function weak(etag: string): string {
  return etag.replace(/^W\//, '')
}
