import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { endToEnd, headerList, valueOf, type HeaderList } from './headers.ts'

/** A request that is sent on to another server. Times are in milliseconds. */
interface Upstream {
  host: string
  port: number
  agent: Agent
  path: string
  /** End-to-end headers, Host included; those of the connection are added here. */
  headers: HeaderList
  connectTimeout: number
  /** Longest silence, in either direction, before and during the answer. */
  idleTimeout: number
  /** Gives the request up: the client has gone, or the target's time is over. */
  signal: AbortSignal
}

export interface Answer {
  response: IncomingMessage
  /** After a 101: the connection, and what the server has sent on it already. */
  upgraded?: { socket: Socket; head: Buffer }
}

export class UpstreamFailure extends Error {
  readonly kind: 'unreachable' | 'silent' | 'broken'
  /** A kept connection was closed by the server while this request was on its way: the request is not to blame. */
  readonly stale: boolean
  constructor(kind: UpstreamFailure['kind'], message: string, stale = false) {
    super(message)
    this.name = 'UpstreamFailure'
    this.kind = kind
    this.stale = stale
  }
}

/**
 * Sends a request on, body streamed, and resolves with the beginning of the answer. A request that may be repeated is
 * sent once more when it met a kept connection that its server was just closing.
 * @throws UpstreamFailure
 */
export async function sendOn(incoming: IncomingMessage, upstream: Upstream): Promise<Answer> {
  try {
    return await attempt(incoming, upstream, false)
  } catch (error) {
    const again = error instanceof UpstreamFailure && error.stale && mayRepeat(incoming)
    if (!again) throw error
    return attempt(incoming, upstream, true)
  }
}

function isUpgrade(incoming: IncomingMessage): boolean {
  return incoming.headers.upgrade !== undefined && /\bupgrade\b/i.test(incoming.headers.connection ?? '')
}

function mayRepeat(incoming: IncomingMessage): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(incoming.method ?? '') && !hasBody(incoming)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function attempt(incoming: IncomingMessage, upstream: Upstream, freshConnection: boolean): Promise<Answer> {
  const { host, port, path, signal } = upstream
  const upgrade = isUpgrade(incoming)
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host,
      port,
      path,
      signal,
      method: incoming.method ?? 'GET',
      headers: connectionHeaders(incoming, upstream.headers).flat(),
      agent: upgrade || freshConnection ? false : upstream.agent,
      // a WebSocket's two directions end one after the other
      ...(upgrade && { createConnection: () => connect({ host, port, allowHalfOpen: true }) }),
    })
    const connecting = setTimeout(
      () => outgoing.destroy(new UpstreamFailure('silent', `no connection to ${host}:${port}`)),
      upstream.connectTimeout,
    )
    let connected = false
    const ready = () => {
      connected = true
      clearTimeout(connecting)
    }
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', ready)
      else ready()
    })
    outgoing.once('close', () => clearTimeout(connecting))
    outgoing.setTimeout(upstream.idleTimeout, () =>
      outgoing.destroy(new UpstreamFailure('silent', `${host}:${port} sent nothing in time`)),
    )
    outgoing.once('response', (response) => resolve({ response }))
    outgoing.once('upgrade', (response, socket, head) => {
      // from here on the tunnel keeps the time
      socket.setTimeout(0)
      resolve({ response, upgraded: { socket, head } })
    })
    outgoing.on('error', (error) => {
      if (error instanceof UpstreamFailure) return reject(error)
      const kind = connected ? 'broken' : 'unreachable'
      reject(new UpstreamFailure(kind, error.message, outgoing.reusedSocket && !signal.aborted))
    })
    if (hasBody(incoming)) incoming.pipe(outgoing)
    else outgoing.end()
  })
}

function connectionHeaders(incoming: IncomingMessage, headers: HeaderList): HeaderList {
  // this server has answered `Expect: 100-continue` already
  const list = endToEnd(headers).filter(([name]) => name.toLowerCase() !== 'expect')
  if (isUpgrade(incoming)) {
    const protocol = incoming.headers.upgrade ?? 'websocket'
    return [...list, ['Connection', 'Upgrade'], ['Upgrade', protocol]]
  }
  if (incoming.headers['transfer-encoding']) return [...list, ['Transfer-Encoding', 'chunked']]
  const expectsBody = ['POST', 'PUT', 'PATCH'].includes(incoming.method ?? '')
  return expectsBody && valueOf(list, 'content-length') === undefined ? [...list, ['Content-Length', '0']] : list
}

/** Headers of an answer as they may be passed on. */
export function answerHeaders(response: IncomingMessage): HeaderList {
  return endToEnd(headerList(response.rawHeaders))
}
