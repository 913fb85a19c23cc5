import { addresses } from './addresses.mts'
import { Failure } from './failure.mts'
import { eventually } from './job.mts'
import { say } from './narration.mts'
import { fetched } from './proof.mts'
import { immutable, releaseIn, revalidated } from './site-files.mts'
import type { StackOutputs } from './stack-outputs.mts'

/**
 * Proves through the CDN that the release is what a browser gets: the page and a deep link with its id and `no-cache`,
 * its scripts immutable and of their type, a missing asset as a 404 that is not HTML, the backend at /health. The page
 * has a minute to appear, since edges may lag behind; fails with the first of these that does not hold.
 */
export async function proveSite(outputs: StackOutputs, release: string): Promise<void> {
  const { site } = addresses(outputs)
  const patience = { within: 60_000, every: 2000 }
  const html = await eventually(() => entryDocument(`${site}/`, release), patience)
  say(`page       ${site}/ is release ${release}, ${revalidated}`)

  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!)
  if (assets.length === 0) throw new Failure(`${site}/ names no asset`, `curl -i ${site}/`)
  for (const path of assets) await asset(site + path)
  say(`assets     ${assets.length} named by the page, each immutable and of its type`)

  await entryDocument(`${site}/quiz/deep/link`, release)
  await missingAsset(`${site}/assets/missing-${release}.js`)
  await eventually(() => health(`${site}/health`), patience)
  say('paths      a deep link is the page, a missing asset is a 404, /health is the backend')
}

function unless(holds: boolean, url: string, seen: string): void {
  if (!holds) throw new Failure(`${url} answers ${seen}`, `curl -i ${url}`)
}

async function entryDocument(url: string, release: string): Promise<string> {
  const answer = await fetched(url)
  const html = await answer.text()
  unless(answer.status === 200, url, `${answer.status}`)
  unless(releaseIn(html) === release, url, `release ${releaseIn(html) || '(none)'}, not ${release}`)
  unless(
    answer.headers.get('cache-control') === revalidated,
    url,
    `Cache-Control ${answer.headers.get('cache-control')}, not ${revalidated}`,
  )
  return html
}

async function asset(url: string): Promise<void> {
  const answer = await fetched(url)
  await answer.arrayBuffer()
  const type = answer.headers.get('content-type') ?? 'no content type'
  unless(answer.status === 200, url, `${answer.status}`)
  unless(type.startsWith(url.endsWith('.css') ? 'text/css' : 'text/javascript'), url, type)
  unless(
    answer.headers.get('cache-control') === immutable,
    url,
    `Cache-Control ${answer.headers.get('cache-control')}, not ${immutable}`,
  )
}

async function missingAsset(url: string): Promise<void> {
  const answer = await fetched(url)
  await answer.arrayBuffer()
  const type = answer.headers.get('content-type') ?? ''
  unless(
    answer.status === 404 && !type.includes('html'),
    url,
    `${answer.status} ${type}, not a 404 that a script tag notices`,
  )
}

async function health(url: string): Promise<void> {
  const answer = await fetched(url)
  const body = await answer.text()
  unless(answer.status === 200 && body.includes('"status":"ok"'), url, `${answer.status}: ${body.slice(0, 200)}`)
}
