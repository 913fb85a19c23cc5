import { excerpt, Failure } from '../script/failure.mts'
import { openWebSocket, requestText } from '../script/asking.mts'
import { isSurvivable } from '../script/job.mts'
import { releaseIn } from '../site/files.mts'
import { addresses, isPrivate, type StackOutputs } from '../stack/stack.mts'

/** How one of the system's addresses answered. */
export interface Health {
  name: string
  url: string
  ok: boolean
  /** Until the answer was read, or the WebSocket was open. */
  milliseconds: number
  detail: string
}

/** Requests the backend, its data and the page, directly (where that is possible) and through the CDN, each for ten seconds at most. */
export async function measureHealth(outputs: StackOutputs): Promise<Health[]> {
  const { site, siteWebSocket, loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  const direct = !isPrivate(outputs)
  return await Promise.all([
    ...(direct ? [measure('backend', `${loadBalancer}/health`, requireBackend)] : []),
    measure('backend through CDN', `${site}/health`, requireBackend),
    measure('data', `${site}/api/live`, requireData),
    measure('frontend', `${site}/`, requirePage),
    ...(direct ? [measure('WebSocket', loadBalancerWebSocket, requireSocket)] : []),
    measure('WebSocket through CDN', siteWebSocket, requireSocket),
  ])
}

async function measure(name: string, url: string, check: (url: string) => Promise<string>): Promise<Health> {
  const started = performance.now()
  const health = (ok: boolean, detail: string) => ({
    name,
    url,
    ok,
    milliseconds: Math.round(performance.now() - started),
    detail,
  })
  try {
    return health(true, await check(url))
  } catch (error) {
    if (!isSurvivable(error)) throw error
    // an error page has many lines
    return health(false, error.message.replace(`${url} `, '').replaceAll(/\s+/g, ' '))
  }
}

async function requireBackend(url: string): Promise<string> {
  const body = await requireGoodAnswer(url)
  const { status, release } = parsed(body)
  if (status !== 'ok') throw new Failure(`answers 200 with ${body.slice(0, 200)}`, `curl -i ${url}`)
  return `release ${release ?? 'unknown'}`
}

/** /health answers without the table, so that ECS does not end tasks that wait for it. */
async function requireData(url: string): Promise<string> {
  await requireGoodAnswer(url)
  return 'the table answers'
}

async function requirePage(url: string): Promise<string> {
  const html = await requireGoodAnswer(url)
  if (!/<div id="root"/.test(html)) throw new Failure('answers 200, but not with our page', `curl -i ${url}`)
  return `release ${releaseIn(html) || 'unknown'}`
}

async function requireSocket(url: string): Promise<string> {
  await openWebSocket(url)
  return 'opens'
}

async function requireGoodAnswer(url: string): Promise<string> {
  const { ok, status, body } = await requestText(url)
  if (!ok) throw new Failure(`answers ${status}: ${excerpt(body)}`, `curl -i ${url}`)
  return body
}

function parsed(body: string): { status?: unknown; release?: string } {
  try {
    return JSON.parse(body) as { status?: unknown; release?: string }
  } catch {
    return {} // something else answers
  }
}
