import { valueOf, withHeader, type HeaderList } from '../http/headers.ts'

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

export interface Part {
  status: 206 | 416
  statusMessage: string
  headers: HeaderList
  body: Buffer
}

/** The one range that the viewer asks for; undefined: send it whole. Several ranges are sent whole, which is allowed. */
export function ranged(requested: HeaderList, kept: HeaderList, body: Buffer): Part | undefined {
  const spec = /^bytes=(\d*)-(\d*)$/.exec(valueOf(requested, 'range')?.trim() ?? '')
  if (!spec || (spec[1] === '' && spec[2] === '') || !ifRangeHolds(requested, kept)) return undefined
  const [first, last] =
    spec[1] === '' ? [body.length - Number(spec[2]), body.length - 1] : [Number(spec[1]), lastOf(spec[2]!, body)]
  const start = Math.max(first, 0)
  if (start > last || start >= body.length) {
    const headers = withHeader(withHeader(kept, 'Content-Range', `bytes */${body.length}`), 'Content-Length', '0')
    return { status: 416, statusMessage: 'Requested Range Not Satisfiable', headers, body: Buffer.alloc(0) }
  }
  const part = body.subarray(start, last + 1)
  const headers = withHeader(kept, 'Content-Range', `bytes ${start}-${last}/${body.length}`)
  return {
    status: 206,
    statusMessage: 'Partial Content',
    headers: withHeader(headers, 'Content-Length', String(part.length)),
    body: part,
  }
}

function lastOf(given: string, body: Buffer): number {
  return given === '' ? body.length - 1 : Math.min(Number(given), body.length - 1)
}

function ifRangeHolds(requested: HeaderList, kept: HeaderList): boolean {
  const condition = valueOf(requested, 'if-range')
  if (condition === undefined) return true
  // a weak validator cannot vouch for single bytes: RFC 9110 §13.1.5
  return condition === valueOf(kept, 'etag')
    ? !condition.startsWith('W/')
    : condition === valueOf(kept, 'last-modified')
}

function weak(etag: string): string {
  return etag.replace(/^W\//, '')
}
