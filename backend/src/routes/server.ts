import { once } from 'node:events'
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener, RequestError } from '@hono/node-server'
import { errorBody, HttpError } from '../middleware/errors.ts'
import { requestIdOf } from '../middleware/request-id.ts'
import { isOriginAllowed } from '../middleware/origin.ts'
import { createDrain } from '../services/drain/drain.ts'
import type { Log } from '../services/log.ts'
import type { Services } from '../services/services.ts'
import type { Config } from '../types/config.ts'
import { createApp } from './app.ts'
import { createSockets } from './socket.ts'

/**
 * The load balancer passes `/` on from anybody, unencrypted and past the CDN, so that the documented
 * `wscat -c ws://ALB_URL` works: what opens there sees that the backend answers, and takes part in no quiz.
 */
const diagnosticPath = '/'
const socketPaths = new Set([diagnosticPath, '/ws'])

/** How long requests under way may take to finish after the sockets are closed, in milliseconds. */
const requestGrace = 500

/**
 * Listens, and resolves when it does; rejects when the port is taken. From the begin of a drain new WebSockets are
 * refused. `stop` drains what is left and resolves when nothing is open any more: meanwhile /health answers 503, and the
 * port stays open to say so.
 */
export async function startServer(config: Config, services: Services, log: Log) {
  const sockets = createSockets(config, services, log)
  const drain = createDrain(sockets.drainable, log)
  let stopping = false

  const app = createApp(config, services, () => stopping, log)
  const answer = getRequestListener(app.fetch, {
    // stands in for the Host of a client that sends none
    hostname: 'localhost',
    errorHandler: (error) => answerUnrouted(error, log),
  })
  const server = createServer((request, response) => void answer(request, response))
  // longer than the load balancer's idle timeout of 60 s: the target must not close first, or requests get 502
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 66_000

  function refusal(request: IncomingMessage): HttpError | undefined {
    if (!socketPaths.has(pathOf(request))) return new HttpError(404, 'not_found', 'WebSockets are at / and /ws')
    if (!isOriginAllowed(request.headers.origin, config.allowedOrigins)) {
      return new HttpError(403, 'origin_refused', 'connections from this origin are not allowed')
    }
    if (drain.state() !== 'serving') {
      return new HttpError(503, 'stopping', 'this task is stopping; connect again', { headers: { 'retry-after': '1' } })
    }
    if (sockets.hasPlace(pathOf(request) === diagnosticPath)) return undefined
    return new HttpError(503, 'overloaded', 'too many sockets have entered no event; connect again later', {
      headers: { 'retry-after': '5' },
    })
  }

  server.on('upgrade', (request, socket, head) => {
    // a peer that resets before the handshake is over would otherwise end the process
    socket.on('error', (error) => log.debug('a handshake broke', { error }))
    const refused = refusal(request)
    if (!refused) return sockets.accept(request, socket, head, pathOf(request) === diagnosticPath)
    log.warn('a WebSocket was refused', {
      origin: request.headers.origin,
      status: refused.status,
      code: refused.code,
      requestId: requestIdOf(request.headers),
    })
    refuse(socket, refused)
  })

  server.listen(config.port, config.host)
  await once(server, 'listening')
  services.figures.start(() => ({
    sockets: sockets.drainable.connected(),
    drain: drain.state(),
    throttles: services.throttles(),
    ...services.hub.figures(),
  }))

  return {
    port: (server.address() as AddressInfo).port,
    drain,
    hasSockets: () => sockets.drainable.connected() > 0,
    /** @param within milliseconds; a little longer where requests are under way */
    async stop(within: number): Promise<void> {
      stopping = true
      await drain.finish('told to stop', within)
      await sockets.stop()
      services.figures.stop()
      const force = setTimeout(() => server.closeAllConnections(), requestGrace)
      const closed = new Promise((resolve) => server.close(resolve))
      await Promise.all([closed, services.events.finishErasures(requestGrace)])
      clearTimeout(force)
    },
  }
}

/** The path of a request without its query. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

/** Answers what no route could be looked up for, such as a request whose Host is no host. */
function answerUnrouted(error: unknown, log: Log): Response {
  if (!(error instanceof RequestError)) log.error('a request failed', { error })
  const answered =
    error instanceof RequestError
      ? new HttpError(400, 'bad_request', 'the request cannot be read')
      : new HttpError(500, 'internal', 'the server failed; its log says why')
  return Response.json(errorBody(answered), { status: answered.status })
}

/** Answers a handshake without accepting it. */
function refuse(socket: Duplex, error: HttpError): void {
  const text = JSON.stringify(errorBody(error))
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...error.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end([`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, '', text].join('\r\n'))
}
