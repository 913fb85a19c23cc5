import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorReply, HttpError, replyOf, type Reply } from '../middleware/errors.ts'
import { isOriginAllowed } from '../middleware/origin.ts'
import { logRequest, pathOf } from '../middleware/request-log.ts'
import type { Log } from '../services/log.ts'
import type { Presence } from '../services/presence.ts'
import type { Config } from '../types/config.ts'
import { health } from './health.ts'
import { live } from './live.ts'
import { createSockets } from './socket.ts'

const socketPaths = new Set(['/', '/ws'])

/** How long requests under way may take to finish after the sockets are closed, in milliseconds. */
const requestGrace = 1_000

/**
 * Listens, and resolves when it does; rejects when the port is taken. `stop` resolves when nothing is open any more:
 * meanwhile /health answers 503 and new WebSockets are refused, and the port stays open to say so.
 */
export async function startServer(config: Config, presence: Presence, log: Log) {
  const sockets = createSockets(config, presence, log)
  let stopping = false

  const routes = new Map<string, () => Reply | Promise<Reply>>([
    ['/health', () => health(config.release, stopping)],
    ['/api/live', () => live(presence)],
  ])

  function route(request: IncomingMessage): Reply | Promise<Reply> {
    const handler = routes.get(pathOf(request))
    if (!handler) throw new HttpError(404, 'not_found', `nothing at ${pathOf(request)}`)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError(405, 'method_not_allowed', 'only GET and HEAD are answered here')
    }
    return handler()
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await replyOf(() => route(request), log)
    const { headers, text } = rendered(reply)
    response.writeHead(reply.status, headers).end(text)
  }

  const server = createServer((request, response) => {
    logRequest(request, response, log)
    void answer(request, response)
  })
  // longer than the load balancer's idle timeout of 60 s: the target must not close first, or requests get 502
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 66_000

  function refusal(request: IncomingMessage): HttpError | undefined {
    if (!socketPaths.has(pathOf(request))) return new HttpError(404, 'not_found', 'WebSockets are at / and /ws')
    if (!isOriginAllowed(request.headers.origin, config.allowedOrigins)) {
      return new HttpError(403, 'origin_refused', 'pages of this origin may not connect')
    }
    if (stopping) return new HttpError(503, 'stopping', 'this task is stopping; connect again')
    return undefined
  }

  server.on('upgrade', (request, socket, head) => {
    // a peer that resets before the handshake is over would otherwise end the process
    socket.on('error', (error) => log.debug('a handshake broke', { error }))
    const refused = refusal(request)
    if (!refused) return sockets.accept(request, socket, head)
    log.warn('a WebSocket was refused', {
      path: pathOf(request),
      origin: request.headers.origin,
      status: refused.status,
    })
    refuse(socket, errorReply(refused))
  })

  server.listen(config.port, config.host)
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    async stop(): Promise<void> {
      stopping = true
      await sockets.close()
      const force = setTimeout(() => server.closeAllConnections(), requestGrace)
      await new Promise((resolve) => server.close(resolve))
      clearTimeout(force)
    },
  }
}

function rendered({ body }: Reply) {
  const text = JSON.stringify(body)
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  return { headers, text }
}

/** Answers a handshake without accepting it. */
function refuse(socket: Duplex, reply: Reply): void {
  const { headers, text } = rendered(reply)
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end([`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}`, ...lines, '', text].join('\r\n'))
}
