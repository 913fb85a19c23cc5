import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
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
  /** When it is uploaded: assets first, so that nothing names a missing file; entry documents last, since they switch the site. */
  turn: 'asset' | 'other' | 'entry'
}

export const immutable = 'public, max-age=31536000, immutable'
export const revalidated = 'no-cache'

/** Our own table, because the guess of the aws CLI depends on the host (https://github.com/aws/aws-cli/issues/1249). */
const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/**
 * The files of a build, by key. A file under assets/ has its content's hash in its name and never changes; a source map has
 * its script's hash and does change. Fails on a type that is not in the table.
 */
export function readSiteFiles(directory: string, { sourceMaps }: { sourceMaps: boolean }): SiteFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((key) => sourceMaps || extname(key) !== '.map')
    .toSorted()
    .map((key) => {
      const content = readFileSync(join(directory, key))
      return { ...rulesFor(key), md5: md5(content), size: content.length }
    })
}

export function rulesFor(key: string): Pick<SiteFile, 'key' | 'contentType' | 'cacheControl' | 'turn'> {
  const extension = extname(key)
  const contentType = contentTypes[extension]
  if (!contentType) {
    throw new Failure(
      `the site has ${key}, but no content type is known for ${extension || 'a file without extension'}`,
      'add it to the table in lib/site/files.mts',
    )
  }
  const hashed = key.startsWith('assets/') && extension !== '.map'
  return {
    key,
    contentType,
    cacheControl: hashed ? immutable : revalidated,
    turn: hashed ? 'asset' : extension === '.html' ? 'entry' : 'other',
  }
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex')
}

const releaseTag = /<meta name="release" content="[^"]*"\s*\/?>/

/** An entry document with the id of its release. Fails when it has no tag for it. */
export function withRelease(html: string, release: string): string {
  if (!releaseTag.test(html)) {
    throw new Failure('index.html has no <meta name="release" content="">', 'put it back into frontend/index.html')
  }
  return html.replace(releaseTag, `<meta name="release" content="${release}">`)
}

/** The release that an entry document names; empty when it names none. */
export function releaseIn(html: string): string {
  return /<meta name="release" content="([^"]*)"/.exec(html)?.[1] ?? ''
}
