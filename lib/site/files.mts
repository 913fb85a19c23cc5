import { createHash } from 'node:crypto'
import { Failure } from '../script/failure.mts'

/** A file of the built site, and how browsers and the CDN may cache it. */
export interface SiteFile {
  /** Key in the bucket, and path below the build directory. */
  key: string
  contentType: string
  cacheControl: string
  /** Hex MD5, the ETag of an object that was uploaded in one part. */
  md5: string
  size: number
  /** When it is uploaded: assets first, so that nothing names a missing file; documents last, since they switch the site. */
  turn: 'asset' | 'other' | 'entry'
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex')
}

const releaseTag = /<meta name="release" content="[^"]*"\s*\/?>/

/** Fails when the page has no place for the id of its release. */
export function requireReleaseTag(html: string): void {
  if (releaseTag.test(html)) return
  throw new Failure('index.html has no <meta name="release" content="">', 'put it back into frontend/index.html')
}

/** A document with the id of its release, where it has a place for it. */
export function withRelease(html: string, release: string): string {
  return html.replace(releaseTag, `<meta name="release" content="${release}">`)
}

/** The release that a document names; empty when it names none. */
export function releaseIn(html: string): string {
  return /<meta name="release" content="([^"]*)"/.exec(html)?.[1] ?? ''
}
