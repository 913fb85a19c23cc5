import { Failure } from '../script/failure.mts'
import { openWebSocket, request } from '../script/http.mts'
import { eventually, isDryRun } from '../script/job.mts'
import { detail } from '../script/narration.mts'
import { addresses, type StackOutputs } from '../stack/stack.mts'
import { md5, releaseIn, type SiteFile } from './files.mts'
import type { Manifest } from './release.mts'

// edges may lag behind, and the name of a new distribution takes a while to resolve everywhere
const patience = { within: 60_000, every: 2000 }
// the page is already right, so a wrong file is likely to stay wrong
const briefly = { within: 4000, every: 1000 }

/**
 * Verifies through the CDN that a browser gets the release: each file of the manifest has its content and headers, a deep
 * link is the page, a missing asset is a 404 that is not HTML, an unknown API path is JSON, /health answers and a WebSocket
 * opens. The page has a minute to appear. Fails with the first check that does not pass.
 */
export async function verifySite(outputs: StackOutputs, { release, files }: Manifest): Promise<void> {
  if (isDryRun()) return
  const { site, siteWebSocket } = addresses(outputs)
  const index = files.find(({ key }) => key === 'index.html')
  if (!index) throw new Failure('the site has no index.html', 'npm run build:frontend, then check frontend/dist')
  await eventually(() => requireServed(`${site}/`, index, release), patience)
  detail(`page       ${site}/ is release ${release}, ${index.cacheControl}`)

  await forEachOf(files, (file) =>
    eventually(() => requireServed(`${site}/${encodeURI(file.key)}`, file, release), briefly),
  )
  detail(`files      ${files.length} of ${files.length}, each with its content and headers`)

  await requireServed(`${site}/quiz/deep/link`, index, release)
  await requireMissing(`${site}/assets/missing-${release}.js`, (type) => !type.includes('html'), 'is not HTML')
  await eventually(() => requireMissing(`${site}/api/missing`, (type) => type.includes('json'), 'is JSON'), patience)
  await eventually(() => requireHealthy(`${site}/health`), patience)
  await eventually(() => openWebSocket(siteWebSocket), patience)
  detail(
    'paths      a deep link is the page, a missing asset and a missing API are 404, /health and the WebSocket answer',
  )
}

function requireThat(isRight: boolean, url: string, seen: string): void {
  if (!isRight) throw new Failure(`${url} answers ${seen}`, `curl -i ${url}`)
}

async function requireServed(
  url: string,
  { turn, contentType, cacheControl, md5: expected }: SiteFile,
  release: string,
) {
  const answer = await request(url)
  const content = Buffer.from(await answer.arrayBuffer())
  const header = (name: string) => answer.headers.get(name) ?? '(none)'
  requireThat(answer.status === 200, url, `${answer.status}`)
  if (turn === 'entry') {
    const found = releaseIn(content.toString())
    requireThat(found === release, url, `release ${found || '(none)'}, not ${release}`)
  }
  requireThat(md5(content) === expected, url, `content that differs from the upload, ${content.length} bytes`)
  requireThat(sameType(header('content-type'), contentType), url, `${header('content-type')}, not ${contentType}`)
  const caching = header('cache-control')
  requireThat(caching === cacheControl, url, `Cache-Control ${caching}, not ${cacheControl}`)
}

/** Case and spaces in a header's parameters mean nothing. */
function sameType(one: string, other: string): boolean {
  const plain = (type: string) => type.toLowerCase().replaceAll(/\s/g, '')
  return plain(one) === plain(other)
}

/** Eight at a time: fast for hundreds of files, without hundreds of sockets. */
async function forEachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

async function requireMissing(url: string, accepted: (type: string) => boolean, what: string): Promise<void> {
  const answer = await request(url)
  await answer.arrayBuffer()
  const type = answer.headers.get('content-type') ?? ''
  requireThat(answer.status === 404 && accepted(type), url, `${answer.status} ${type}; this must be a 404 that ${what}`)
}

async function requireHealthy(url: string): Promise<void> {
  const answer = await request(url)
  const body = await answer.text()
  requireThat(answer.status === 200 && body.includes('"status":"ok"'), url, `${answer.status}: ${body.slice(0, 200)}`)
}
