import { basename, extname } from 'node:path'
import { lookup } from 'mime-types'
import { Failure } from '../script/failure.mts'
import type { SiteFile } from './files.mts'

export const immutable = 'public, max-age=31536000, immutable'
export const revalidated = 'no-cache'

/** `name-<hash>.ext`, as Vite writes it: eight or more characters of base64url. */
const hashed = /^assets\/(?:.*\/)?[^/]+-[\w-]{8,}\.[^./-]+$/
const textual = /^text\/|^application\/(json|xml|javascript)$|\+(json|xml)$/

/**
 * How browsers and the CDN may cache a file, and when it is uploaded. Only a name that has its content's hash never means
 * another content; a source map has its script's hash and does change.
 * @param isCopied from frontend/public, where a person named it: `assets/team-portrait.jpg` has no hash
 */
export function rulesFor(
  key: string,
  isCopied = false,
): Pick<SiteFile, 'key' | 'contentType' | 'cacheControl' | 'turn'> {
  const extension = extname(key)
  const isAsset = hashed.test(key) && !isCopied && !['.map', '.html'].includes(extension)
  return {
    key,
    contentType: contentTypeOf(key),
    cacheControl: isAsset ? immutable : revalidated,
    turn: isAsset ? 'asset' : extension === '.html' ? 'entry' : 'other',
  }
}

/** From the table of IANA and others, because the guess of the aws CLI depends on the host (https://github.com/aws/aws-cli/issues/1249). */
function contentTypeOf(key: string): string {
  // https://developer.apple.com/documentation/xcode/supporting-associated-domains
  if (basename(key) === 'apple-app-site-association') return 'application/json; charset=utf-8'
  const unknown = extname(key) === '' ? 'text/plain' : 'application/octet-stream'
  const type = lookup(extname(key).toLowerCase()) || unknown
  return textual.test(type) ? `${type}; charset=utf-8` : type
}

/** Whether the CDN answers the address of a file with the page: it has no extension (infrastructure/lib/spa-fallback.js). */
export function isHidden(key: string): boolean {
  return !basename(key).includes('.') && !key.startsWith('.well-known/')
}

/** Fails when a file's address is not the site's to answer. */
export function requireOwnAddress(key: string): void {
  const [first] = key.split('/', 1)
  const owner = { api: 'the backend answers', releases: 'the bucket keeps releases' }[first!]
  if (owner && key !== first) {
    throw new Failure(
      `the site has ${key}, but ${owner} below ${first}/`,
      `mv frontend/public/${first} frontend/public/other-${first}`,
    )
  }
}
