import type { Agent } from 'node:http'
import { Failure, Unanswered } from './failure.mts'
import { currentJob, runWithin, pause } from './job.mts'
import { say } from './narration.mts'

/** GET, unless `init` says otherwise, for at most ten seconds; a network error is Unanswered. */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  const { signal } = currentJob()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
  return await translateNetworkError(url, () => fetchThroughProxy(url, { ...init, signal: limit, redirect: 'follow' }))
}

/** GET of a text; the connection may end in the middle of it. */
export async function requestText(url: string) {
  const answer = await request(url)
  const body = await translateNetworkError(url, () => answer.text())
  return { ok: answer.ok, status: answer.status, server: answer.headers.get('server'), body }
}

/** Whether CloudFront refused a question itself, as a web ACL (AWS WAF) makes it do: it says nothing about what is behind it. */
export function isRefusedByCdn(status: number, server: unknown): boolean {
  return status === 403 && server === 'CloudFront'
}

/** Runs `ask`; a network error becomes Unanswered, with its cause. */
export async function translateNetworkError<T>(url: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    currentJob().signal.throwIfAborted()
    const { message, cause } = error as Error
    const fact = `${url} does not answer: ${(cause as Error | undefined)?.message || message}`
    throw new Unanswered(fact, `curl -i ${url}`)
  }
}

/**
 * Opens a WebSocket, without an Origin as wscat does, and closes it again. An HTTP answer is a refusal, a network error is
 * Unanswered.
 * @param isNoAnswer whether an HTTP answer is none, but Unanswered too
 */
export async function openWebSocket(url: string, isNoAnswer = isRefusedByCdn): Promise<void> {
  const [{ WebSocket }, agent] = await Promise.all([import('ws'), makeProxyAgent()])
  await new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(url, { handshakeTimeout: 10_000, ...(agent ? { agent } : {}) })
    socket.on('open', () => {
      socket.close()
      resolve()
    })
    const end = (reason: string, isRefused: boolean) => {
      socket.terminate()
      const [fact, remedy] = [`${url} does not open: ${reason}`, `npx wscat -c ${url}`]
      reject(isRefused ? new Failure(fact, remedy) : new Unanswered(fact, remedy))
    }
    socket.on('unexpected-response', (_request, { statusCode = 0, headers }) =>
      end(`it answers ${statusCode}`, !isNoAnswer(statusCode, headers.server)),
    )
    socket.on('error', (error) => end(error.message, false))
  })
}

/*
 * The way to the network that `aws` and `curl` take: through the proxy of the shell's variables. Node 20 knows none of them.
 */

type Variables = Record<string, string | undefined>

/**
 * The proxy for an address, by the rules of aws (Python's `getproxies`): small letters win, and a host in NO_PROXY stands
 * for those below it too. Empty: none.
 */
export function proxyFor(address: string, env: Variables = process.env): string {
  const { protocol, hostname, host } = new URL(address)
  const given = (name: string) => (env[name] ?? env[name.toUpperCase()] ?? '').trim()
  const proxy = given(/^(https|wss):$/.test(protocol) ? 'https_proxy' : 'http_proxy')
  if (!proxy || given('no_proxy') === '*') return ''
  const excluded = given('no_proxy')
    .split(',')
    .map((name) => name.trim().replace(/^\.+/, '').toLowerCase())
  const isExcluded = excluded.some(
    (name) => name !== '' && [hostname, host].some((own) => own === name || own.endsWith(`.${name}`)),
  )
  if (isExcluded) return ''
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

/** Whether any address may need a proxy. */
function hasProxy(env: Variables = process.env): boolean {
  return proxyFor('http://a', { ...env, no_proxy: '' }) !== '' || proxyFor('https://a', { ...env, no_proxy: '' }) !== ''
}

/**
 * For clients that take an agent; undefined where there is no proxy.
 * @param keepAlive for https alone: over a connection that is kept, the second request of http reaches the proxy without
 * the address it is meant for
 */
export async function makeProxyAgent({ keepAlive = false } = {}): Promise<Agent | undefined> {
  if (!hasProxy()) return undefined
  const { ProxyAgent } = await import('proxy-agent')
  return new ProxyAgent({ getProxyForUrl: (url) => proxyFor(url), keepAlive })
}

/** `fetch`, through the proxy of that address. */
export async function fetchThroughProxy(address: string, init: RequestInit): Promise<Response> {
  const proxy = proxyFor(address)
  if (!proxy) return await fetch(address, init)
  const undici = await import('undici')
  // as aws and curl: http without a tunnel, which many a proxy refuses to any port but 443
  dispatchers[proxy] ??= new undici.ProxyAgent({ uri: proxy, proxyTunnel: false })
  // its types are of another release than those of Node's own fetch
  const options = { ...init, dispatcher: dispatchers[proxy] } as Parameters<typeof undici.fetch>[1]
  return await undici.fetch(address, options)
}

const dispatchers: Record<string, import('undici').ProxyAgent> = {}

/** Milliseconds that a question may take, and may take when its time is over: an `aws` on a busy machine needs some seconds. */
const [most, least] = [60_000, 10_000]

/** Asks, for a minute at most, and not much longer than the milliseconds that are left: without an answer, it is Unanswered. */
export async function askWithin<T>(left: number, ask: () => Promise<T>): Promise<T> {
  const within = Math.max(Math.min(left, most), least)
  const remedy = 'aws sts get-caller-identity: if it hangs too, check the network, and what asks for your credentials'
  const tooLong = new Unanswered(`a question was not answered within ${Math.round(within / 1000)} s`, remedy)
  return await runWithin(within, tooLong, ask)
}

/** For as long a wait asks again where AWS is too busy to answer, in milliseconds. */
const patience = { within: 60_000, every: 4_000 }

/**
 * Asks until someone answers: a throttled or dropped question is asked again, every `every` milliseconds, until `within`
 * have passed; then it is thrown, an Unanswered. Every other failure is an answer and thrown at once, and so are
 * credentials that have expired.
 */
export async function retryUntilAnswered<T>(ask: () => Promise<T>, { within, every } = patience): Promise<T> {
  const deadline = Date.now() + within
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await askWithin(deadline - Date.now(), ask)
    } catch (error) {
      if (!(error instanceof Unanswered) || !error.isTransient || currentJob().signal.aborted) throw error
      if (Date.now() + every > deadline) throw error
      if (isFirst) say(`warning: no answer, asking again: ${error.message}`)
      await pause(every)
    }
  }
}
