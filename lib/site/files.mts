import { createHash } from 'node:crypto'

/** A file of the built site, and how browsers and the CDN may cache it. */
export interface SiteFile {
  /** Key in the bucket, and path below the build directory. */
  key: string
  contentType: string
  cacheControl: string
  /** Hex MD5, the ETag of an object that was uploaded in one part. */
  md5: string
  size: number
  /** When it is uploaded: assets first, so that nothing names a missing file; documents with a release last: they switch the site. */
  turn: 'asset' | 'other' | 'entry'
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex')
}

const releaseTag = /<meta name="release" content="[^"]*"\s*\/?>/

/** Whether a document has a place for the id of its release. */
export function hasReleaseTag(html: string): boolean {
  return releaseTag.test(html)
}

/** A document with the id of its release. */
export function withRelease(html: string, release: string): string {
  return html.replace(releaseTag, `<meta name="release" content="${release}">`)
}

/** The release that a document names; empty when it names none. */
export function releaseIn(html: string): string {
  return /<meta name="release" content="([^"]*)"/.exec(html)?.[1] ?? ''
}
