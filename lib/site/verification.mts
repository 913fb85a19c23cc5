import { npmRun } from '../script/command-line.mts'
import { Failure, Unanswered } from '../script/failure.mts'
import { isRefusedByCdn, openWebSocket, translateNetworkError, request, requestText } from '../script/asking.mts'
import { retryUntil, isDryRun } from '../script/job.mts'
import { sayDetail } from '../script/narration.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { lookAtDomain } from './domain.mts'
import { md5, releaseIn, type SiteFile } from './files.mts'
import type { Manifest } from './release.mts'

// edges may lag behind, and the name of a new distribution takes a while to resolve everywhere
const patience = { within: 60_000, every: 2000 }
// the page is already right, so a wrong file is likely to stay wrong
const briefly = { within: 4000, every: 1000 }

/** A larger file is not fetched: its length and its headers have to do. */
const largestFetched = 5 << 20

/**
 * Verifies through the CDN that a browser gets the release: each file of the manifest has its content and headers, a deep
 * link is the page, a missing asset is a 404 that is not HTML, an unknown API path is JSON, /health answers and a WebSocket
 * opens. The page has a minute to appear. What was seen to be wrong is a Failure; Unanswered means that nobody answered.
 * @param changed the files to fetch; of the others the headers are enough
 */
export async function verifySite(outputs: StackOutputs, manifest: Manifest, changed: SiteFile[]): Promise<void> {
  if (isDryRun()) return
  const checks = await Promise.allSettled([verifyFiles(outputs, manifest, changed), verifyPaths(outputs, manifest)])
  throwWorst(checks.flatMap((check) => (check.status === 'rejected' ? [check.reason] : [])))
  await lookAtDomain(outputs, manifest.release)
}

/**
 * The page and the other files.
 * @param ruled the assets whose headers must be those of the manifest; a later release may have put the others again, with
 *   other ones
 */
export async function verifyFiles(
  outputs: StackOutputs,
  { release, files }: Manifest,
  changed: SiteFile[],
  ruled = changed,
): Promise<void> {
  if (isDryRun()) return
  const { cdn } = addresses(outputs)
  const index = pageOf(files)
  await retryUntil(() => requireServed(`${cdn}/`, index, release), patience)
  sayDetail(`page       ${cdn}/ is release ${release}, ${index.cacheControl}`)

  const fetched = new Set(changed.filter(({ size }) => size <= largestFetched))
  await forEachOf(files, (file) => {
    const url = `${cdn}/${file.key.split('/').map(encodeURIComponent).join('/')}`
    const look = fetched.has(file) ? requireServed : requireHeaders
    const isRuled = file.turn !== 'asset' || ruled.includes(file)
    return retryUntil(() => look(url, file, release, isRuled), briefly)
  })
  sayDetail(
    `files      ${files.length} of ${files.length}: ${fetched.size} fetched, the others by length, ETag and headers`,
  )
}

/** What is not a file. */
export async function verifyPaths(outputs: StackOutputs, { release, files }: Manifest): Promise<void> {
  const { cdn, cdnWebSocket } = addresses(outputs)
  const checks = await Promise.allSettled([
    retryUntil(() => requireServed(`${cdn}/quiz/deep/link`, pageOf(files), release), patience),
    retryUntil(
      () => requireMissing(`${cdn}/assets/missing-${release}.js`, (type) => !type.includes('html'), 'is not HTML'),
      briefly,
    ),
    retryUntil(() => requireMissing(`${cdn}/api/missing`, (type) => type.includes('json'), 'is JSON'), patience),
    retryUntil(() => requireHealthy(`${cdn}/health`), patience),
    retryUntil(() => requireWebSocket(cdnWebSocket), patience),
  ])
  throwWorst(checks.flatMap((check) => (check.status === 'rejected' ? [check.reason] : [])))
  sayDetail(
    'paths      a deep link is the page, a missing asset and a missing API are 404, /health and the WebSocket answer',
  )
}

function pageOf(files: SiteFile[]): SiteFile {
  const index = files.find(({ key }) => key === 'index.html')
  if (!index) throw new Failure('the site has no index.html', `${npmRun()} build:frontend, then check frontend/dist`)
  return index
}

/** What was seen to be wrong says more than what nobody answered. */
function throwWorst(errors: unknown[]): void {
  const worst = errors.find((error) => !(error instanceof Unanswered)) ?? errors[0]
  if (worst !== undefined) throw worst
}

function requireThat(isRight: boolean, url: string, seen: string): void {
  if (!isRight) throw new Failure(`${url} answers ${seen}`, `curl -i ${url}`)
}

/** A server that fails, or is too busy, has not shown what it serves; nor has one that was not asked. */
function isNoAnswer(status: number, server: unknown): boolean {
  return status >= 500 || status === 429 || isRefusedByCdn(status, server)
}

function requireAnswer(url: string, status: number, server: unknown): void {
  if (isNoAnswer(status, server)) throw new Unanswered(`${url} answers ${status}`, `curl -i ${url}`)
}

// compressed, a file has another length and another ETag
const uncompressed = { 'accept-encoding': 'identity' }

async function requireServed(url: string, file: SiteFile, release: string, isRuled = true): Promise<void> {
  const answer = await request(url, { headers: uncompressed })
  const content = Buffer.from(await translateNetworkError(url, () => answer.arrayBuffer()))
  requireAnswer(url, answer.status, answer.headers.get('server'))
  requireThat(answer.status === 200, url, `${answer.status}`)
  if (file.key === 'index.html') {
    const found = releaseIn(content.toString())
    requireThat(found === release, url, `release ${found || '(none)'}, not ${release}`)
  }
  requireThat(md5(content) === file.md5, url, `content that differs from the upload, ${content.length} bytes`)
  if (isRuled) requireRules(url, answer, file)
}

async function requireHeaders(url: string, file: SiteFile, release: string, isRuled: boolean): Promise<void> {
  const answer = await request(url, { method: 'HEAD', headers: uncompressed })
  requireAnswer(url, answer.status, answer.headers.get('server'))
  requireThat(answer.status === 200, url, `${answer.status}`)
  const etag = answer.headers.get('etag')?.replaceAll('"', '')
  const isInParts = etag?.includes('-')
  if (etag === undefined && file.size <= largestFetched) return await requireServed(url, file, release, isRuled)
  const length = answer.headers.get('content-length')
  requireThat(length === null || Number(length) === file.size, url, `${length} bytes, not ${file.size}`)
  requireThat(etag === undefined || isInParts || etag === file.md5, url, 'content that differs from the upload')
  if (isRuled) requireRules(url, answer, file)
}

function requireRules(url: string, { headers }: Response, { contentType, cacheControl }: SiteFile): void {
  const header = (name: string) => headers.get(name) ?? '(none)'
  requireThat(sameType(header('content-type'), contentType), url, `${header('content-type')}, not ${contentType}`)
  const caching = header('cache-control')
  requireThat(caching === cacheControl, url, `Cache-Control ${caching}, not ${cacheControl}`)
}

/** Case and spaces in a header's parameters mean nothing. */
function sameType(one: string, other: string): boolean {
  const plain = (type: string) => type.toLowerCase().replaceAll(/\s/g, '')
  return plain(one) === plain(other)
}

/** Sixteen at a time: fast for hundreds of files, without hundreds of sockets. After a failure it begins no other. */
async function forEachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = []
  let next = 0
  const worker = async () => {
    while (errors.length === 0 && next < items.length) await work(items[next++]!).catch((error) => errors.push(error))
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  throwWorst(errors)
}

async function requireMissing(url: string, accepted: (type: string) => boolean, what: string): Promise<void> {
  const answer = await request(url)
  await translateNetworkError(url, () => answer.arrayBuffer())
  requireAnswer(url, answer.status, answer.headers.get('server'))
  const type = answer.headers.get('content-type') ?? ''
  requireThat(answer.status === 404 && accepted(type), url, `${answer.status} ${type}; this must be a 404 that ${what}`)
}

async function requireHealthy(url: string): Promise<void> {
  const { status, server, body } = await requestText(url)
  requireAnswer(url, status, server)
  requireThat(status === 200 && body.includes('"status":"ok"'), url, `${status}: ${body.slice(0, 200)}`)
}

/** Opens a WebSocket. A 5xx says that nobody is there, and nothing about the site. */
export async function requireWebSocket(url: string): Promise<void> {
  await openWebSocket(url, isNoAnswer)
}
