import { addresses } from '../stack/addresses.mts'
import { Failure } from '../script/failure.mts'
import { request, openWebSocket } from '../service/proof.mts'
import { releaseIn } from '../site/files.mts'
import type { StackOutputs } from '../stack/outputs.mts'

/** How one way into the system answered. */
export interface Health {
  name: string
  url: string
  ok: boolean
  /** Until the answer was read, or the WebSocket open. */
  milliseconds: number
  detail: string
}

/** Asks the backend and the page, directly and through the CDN, each for ten seconds at most. */
export async function healthOf(outputs: StackOutputs): Promise<Health[]> {
  const { site, siteWebSocket, loadBalancer, loadBalancerWebSocket } = addresses(outputs)
  return await Promise.all([
    asked('backend', `${loadBalancer}/health`, backend),
    asked('backend through CDN', `${site}/health`, backend),
    asked('frontend', `${site}/`, frontend),
    asked('WebSocket', loadBalancerWebSocket, webSocket),
    asked('WebSocket through CDN', siteWebSocket, webSocket),
  ])
}

async function asked(name: string, url: string, question: (url: string) => Promise<string>): Promise<Health> {
  const started = performance.now()
  const answered = (ok: boolean, detail: string) => ({
    name,
    url,
    ok,
    milliseconds: Math.round(performance.now() - started),
    detail,
  })
  try {
    return answered(true, await question(url))
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode > 128) throw error
    // an error page has many lines
    return answered(false, error.message.replace(`${url} `, '').replaceAll(/\s+/g, ' '))
  }
}

async function backend(url: string): Promise<string> {
  const body = await good(url)
  const { status, release } = parsed(body)
  if (status !== 'ok') throw new Failure(`answers 200 and ${body.slice(0, 200)}`, `curl -i ${url}`)
  return `release ${release ?? 'unknown'}`
}

async function frontend(url: string): Promise<string> {
  const html = await good(url)
  if (!/<div id="root"/.test(html)) throw new Failure('answers 200 and no page of ours', `curl -i ${url}`)
  return `release ${releaseIn(html) || 'unknown'}`
}

async function webSocket(url: string): Promise<string> {
  await openWebSocket(url)
  return 'opens'
}

async function good(url: string): Promise<string> {
  const answer = await request(url)
  const body = await answer.text()
  if (!answer.ok) throw new Failure(`answers ${answer.status}: ${body.slice(0, 100)}`, `curl -i ${url}`)
  return body
}

function parsed(body: string): { status?: unknown; release?: string } {
  try {
    return JSON.parse(body) as { status?: unknown; release?: string }
  } catch {
    return {} // then it is not the backend that answers
  }
}
