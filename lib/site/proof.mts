import { addresses, type StackOutputs } from '../stack/outputs.mts'
import { Failure } from '../script/failure.mts'
import { eventually, isDryRun } from '../script/job.mts'
import { say } from '../script/narration.mts'
import { request, openWebSocket } from '../script/http.mts'
import { md5, releaseIn, type SiteFile } from './files.mts'
import type { Manifest } from './release.mts'

// edges may lag behind, and a new distribution's name takes a while to be known everywhere
const patience = { within: 60_000, every: 2000 }
// the page was there already: what is wrong now is likely to stay wrong
const moment = { within: 4000, every: 1000 }

/**
 * Proves through the CDN that the release is what a browser gets: each file of the manifest with its content and headers,
 * a deep link with the page, a missing asset as a 404 that is not HTML, an unknown API path as JSON, /health and a
 * WebSocket. The page has a minute to appear; fails with the first of these that does not hold.
 */
export async function proveSite(outputs: StackOutputs, { release, files }: Manifest): Promise<void> {
  if (isDryRun()) return
  const { site, siteWebSocket } = addresses(outputs)
  const index = files.find(({ key }) => key === 'index.html')
  if (!index) throw new Failure('the site has no index.html', 'look at frontend/dist')
  await eventually(() => served(`${site}/`, index, release), patience)
  say(`page       ${site}/ is release ${release}, ${index.cacheControl}`)

  await eachOf(files, (file) => eventually(() => served(`${site}/${encodeURI(file.key)}`, file, release), moment))
  say(`files      ${files.length} of ${files.length}, each with its content and headers`)

  await served(`${site}/quiz/deep/link`, index, release)
  await missing(`${site}/assets/missing-${release}.js`, (type) => !type.includes('html'), 'a script tag notices')
  await eventually(() => missing(`${site}/api/missing`, (type) => type.includes('json'), 'is JSON'), patience)
  await eventually(() => health(`${site}/health`), patience)
  await eventually(() => openWebSocket(siteWebSocket), patience)
  say('paths      a deep link is the page, a missing asset and a missing API are 404, /health and the WebSocket answer')
}

function unless(holds: boolean, url: string, seen: string): void {
  if (!holds) throw new Failure(`${url} answers ${seen}`, `curl -i ${url}`)
}

async function served(url: string, { turn, contentType, cacheControl, md5: expected }: SiteFile, release: string) {
  const answer = await request(url)
  const content = Buffer.from(await answer.arrayBuffer())
  const header = (name: string) => answer.headers.get(name) ?? '(none)'
  unless(answer.status === 200, url, `${answer.status}`)
  if (turn === 'entry') {
    const found = releaseIn(content.toString())
    unless(found === release, url, `release ${found || '(none)'}, not ${release}`)
  }
  unless(md5(content) === expected, url, `other content than was uploaded, ${content.length} bytes`)
  unless(sameType(header('content-type'), contentType), url, `${header('content-type')}, not ${contentType}`)
  const caching = header('cache-control')
  unless(caching === cacheControl, url, `Cache-Control ${caching}, not ${cacheControl}`)
}

/** Case and spaces of a header's parameters mean nothing. */
function sameType(one: string, other: string): boolean {
  const plain = (type: string) => type.toLowerCase().replaceAll(/\s/g, '')
  return plain(one) === plain(other)
}

/** Eight at a time, so that a site of hundreds of files takes seconds and no browser's worth of sockets. */
async function eachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

async function missing(url: string, accepted: (type: string) => boolean, what: string): Promise<void> {
  const answer = await request(url)
  await answer.arrayBuffer()
  const type = answer.headers.get('content-type') ?? ''
  unless(answer.status === 404 && accepted(type), url, `${answer.status} ${type}, not a 404 that ${what}`)
}

async function health(url: string): Promise<void> {
  const answer = await request(url)
  const body = await answer.text()
  unless(answer.status === 200 && body.includes('"status":"ok"'), url, `${answer.status}: ${body.slice(0, 200)}`)
}
