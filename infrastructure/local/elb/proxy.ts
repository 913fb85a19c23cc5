import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { headerList, valueOf, withHeader, type HeaderList } from '../http/headers.ts'
import { responseOn, tunnel, type UpgradeRequest } from '../http/tunnel.ts'
import { answerHeaders, sendOn, UpstreamFailure, type Answer } from '../http/upstream.ts'
import { answerError, answerFixed } from './answers.ts'
import { milliseconds } from './attributes.ts'
import type { Listener, LoadBalancer, ElbModel } from './model.ts'
import type { Registered, Registrations } from './registrations.ts'
import { actionFor } from './rules.ts'

/** The listener that the loopback port stands for; listeners on other ports are recorded only. */
const listenerPort = 80

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues */
const connectTimeout = 10_000

/**
 * The data plane of one load balancer, to listen on a loopback port: HTTP/1.1 and WebSockets, streamed both ways. Like
 * AWS's it passes Host through, adds X-Forwarded-* and X-Amzn-Trace-Id, and closes what is silent for the idle timeout.
 */
export function createProxy(loadBalancer: LoadBalancer, model: ElbModel, registrations: Registrations): Server {
  const server = createServer()
  // a long upload is no error here; silence is what ends a request
  server.requestTimeout = 0
  server.on('request', (request, response) => serve(request, response))
  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket
    socket.on('error', () => socket.destroy())
    serve(request, responseOn(request, socket), { socket, head })
  })
  server.on('connection', () => {
    server.keepAliveTimeout = milliseconds(loadBalancer.attributes, 'idle_timeout.timeout_seconds')
  })

  function serve(request: IncomingMessage, response: ServerResponse, upgrade?: UpgradeRequest): void {
    const listener = [...model.listeners.values()].find(
      ({ loadBalancerArn, port }) => loadBalancerArn === loadBalancer.arn && port === listenerPort,
    )
    // without a listener AWS's load balancer accepts no connection
    if (!listener) return void request.socket.destroy()
    perform(listener, request, response, upgrade).catch((error: unknown) => {
      console.error(`${loadBalancer.name}: ${request.method} ${request.url}:`, error)
      response.destroy()
    })
  }

  async function perform(
    listener: Listener,
    request: IncomingMessage,
    response: ServerResponse,
    upgrade?: UpgradeRequest,
  ): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?')
    const action = actionFor(listener, model.rules.values(), { path, headers: headerList(request.rawHeaders) })
    if (action.FixedResponseConfig) return answerFixed(response, action.FixedResponseConfig)
    const targetGroup = model.targetGroups.get(action.TargetGroupArn ?? '')
    const registered = targetGroup && registrations.next(targetGroup)
    if (!registered) return answerError(response, 503)
    await forward(registered, request, response, upgrade)
  }

  async function forward(
    { target, agent, hold }: Registered,
    request: IncomingMessage,
    response: ServerResponse,
    upgrade?: UpgradeRequest,
  ): Promise<void> {
    const idleTimeout = milliseconds(loadBalancer.attributes, 'idle_timeout.timeout_seconds')
    const given = new AbortController()
    const release = hold(() => given.abort())
    response.once('close', () => given.abort())
    try {
      const headers = forwardedHeaders(request, loadBalancer)
      const { id: host, port } = target
      const { signal } = given
      const path = request.url ?? '/'
      const answer = await sendOn(request, { host, port, agent, path, headers, connectTimeout, idleTimeout, signal })
      if (upgrade && answer.upgraded) {
        response.detachSocket(upgrade.socket)
        await tunnel(upgrade, answer as Required<Answer>, idleTimeout, signal)
        return
      }
      await pass(answer, response)
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      answerFailure(error, request, response)
    } finally {
      release()
    }
  }

  return server
}

/** Streams an answer to the client. Whichever side breaks off, the other one is closed too. */
async function pass({ response: answer }: Answer, response: ServerResponse): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer).flat())
  await pipeline(answer, response).catch(() => response.destroy())
}

function answerFailure({ kind }: UpstreamFailure, request: IncomingMessage, response: ServerResponse): void {
  if (response.destroyed) return
  if (kind !== 'silent') return answerError(response, 502)
  // silence has two sides: a client that does not finish its request, a target that does not answer
  answerError(response, request.complete ? 504 : 408)
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html */
function forwardedHeaders(request: IncomingMessage, { attributes }: LoadBalancer): HeaderList {
  const received = headerList(request.rawHeaders)
  const dropsInvalid = attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true'
  const headers = dropsInvalid ? received.filter(([name]) => /^[-A-Za-z0-9]+$/.test(name)) : received
  const before = valueOf(headers, 'x-forwarded-for')
  const client = request.socket.remoteAddress ?? ''
  const added: HeaderList = [
    ['X-Forwarded-For', before ? `${before}, ${client}` : client],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Port', String(listenerPort)],
    ['X-Amzn-Trace-Id', traceId(valueOf(headers, 'x-amzn-trace-id'))],
  ]
  return added.reduce((list, [name, value]) => withHeader(list, name, value), headers)
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
function traceId(given: string | undefined): string {
  const id = `1-${Math.floor(Date.now() / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`
  if (!given) return `Root=${id}`
  return /(^|;)\s*Root=/.test(given) ? `Self=${id};${given}` : `Root=${id};${given}`
}
