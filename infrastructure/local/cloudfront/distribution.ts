import { randomBytes } from 'node:crypto'
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { responseOn, tunnel, type UpgradeRequest } from '../http/tunnel.ts'
import { type Answer, UpstreamFailure } from '../http/upstream.ts'
import { allowsMethod, behaviorFor, withRootObject } from './behaviors.ts'
import type { Cache } from './cache.ts'
import { type Delivery, deliverCached, passed } from './cached-delivery.ts'
import type { Behavior, DistributionConfig } from './config.ts'
import { webSocketIdleTimeout } from './custom-origin.ts'
import { rewritePath } from './edge-function.ts'
import { errorPage, type OwnError } from './error-pages.ts'
import { errorCachingMinTtl } from './freshness.ts'
import type { CloudFrontModel } from './model.ts'
import { answerOf, askOrigin, askServer, type Edge, isServer, type OriginRequest } from './origins.ts'
import type { S3Origin } from './s3-origin.ts'
import { sendToViewer } from './viewer-response.ts'
import { viewerRequest, type ViewerRequest } from './viewer-request.ts'

/** One exchange with a viewer. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  upgrade: UpgradeRequest | undefined
  requestId: string
  signal: AbortSignal
}

/**
 * The data plane of one distribution, to listen on a loopback port: an edge location and its cache. It is plain http and
 * stands for the https side, so a behavior's viewer protocol policy has nothing to redirect.
 */
export function createDistributionServer(parts: {
  distribution: Edge['distribution']
  model: CloudFrontModel
  cache: Cache
  s3: S3Origin
  portOf: Edge['portOf']
}): Server {
  const edge = { ...parts, agent: new Agent({ keepAlive: true }) }
  const server = createServer()
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  server.on('request', (request, response) => serve(edge, request, response))
  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket
    socket.on('error', () => socket.destroy())
    serve(edge, request, responseOn(request, socket), { socket, head })
  })
  server.on('close', () => edge.agent.destroy())
  return server
}

function serve(edge: Edge, request: IncomingMessage, response: ServerResponse, upgrade?: UpgradeRequest): void {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const requestId = randomBytes(42).toString('base64url')
  answer(edge, { request, response, upgrade, requestId, signal: gone.signal }).catch((error: unknown) => {
    if (!gone.signal.aborted) console.error(`${edge.distribution.id}: ${request.method} ${request.url}:`, error)
    response.destroy()
  })
}

async function answer(edge: Edge, exchange: Exchange): Promise<void> {
  const { config } = edge.distribution
  const { requestId } = exchange
  const asked = viewerRequest(exchange.request)
  const behavior = behaviorFor(config, asked.path)
  const sendError = (error: OwnError, by?: Behavior) => sendToViewer(edge, exchange, errorPage(error, requestId), by)
  if (!answersTo(config, exchange.request.headers.host)) return sendError('unknownHost')
  if (String(config.Enabled) !== 'true') return sendError('disabled')
  if (!allowsMethod(behavior, asked.method)) return sendError('methodNotAllowed')
  const rewritten = runFunction(edge, asked, behavior, requestId)
  if (!rewritten) return sendError('functionFailed', behavior)
  const viewer = { ...rewritten, path: withRootObject(config, rewritten.path) }
  try {
    await answerFromOrigin(edge, exchange, viewer, behavior)
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error
    await sendError(error.kind === 'silent' ? 'originSilent' : 'originUnreachable')
  }
}

/** Its own name is a loopback address here; any other has to be one of its aliases. */
function answersTo({ Aliases = [] }: DistributionConfig, host = ''): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(name) || Aliases.includes(name)
}

async function answerFromOrigin(
  edge: Edge,
  exchange: Exchange,
  viewer: ViewerRequest,
  behavior: Behavior,
): Promise<void> {
  const origin = edge.distribution.config.Origins.find(({ Id }) => Id === behavior.TargetOriginId)!
  const policy = edge.model.cachePolicies.get(behavior.CachePolicyId!)!
  const request: OriginRequest = { ...exchange, viewer, behavior, origin, policy }
  if (exchange.upgrade && isServer(origin)) {
    const answered = await askServer(edge, request)
    if (answered.upgraded) return join(exchange, exchange.upgrade, answered as Required<Answer>)
    return sendToViewer(edge, exchange, passed(answerOf(answered)), behavior)
  }
  const { path: originalPath } = viewerRequest(exchange.request)
  await sendToViewer(edge, exchange, await deliver(edge, request, originalPath), behavior)
}

/** The request as the behavior's function leaves it; undefined: the function failed. */
function runFunction(
  { distribution, model }: Edge,
  viewer: ViewerRequest,
  behavior: Behavior,
  requestId: string,
): ViewerRequest | undefined {
  const arn = behavior.FunctionAssociations?.[0]?.FunctionARN
  const code = arn && model.functions.get(arn)?.liveCode
  if (!code) return viewer
  try {
    return { ...viewer, path: rewritePath(code, viewer, distribution, requestId) }
  } catch (error) {
    console.error(`${distribution.id}: function ${arn} on ${viewer.path}: ${String(error)}`)
    return undefined
  }
}

/** @param originalPath as the viewer asked, before a function */
async function deliver(edge: Edge, request: OriginRequest, originalPath: string): Promise<Delivery> {
  const { viewer, behavior, policy } = request
  const cacheable = policy.MaxTTL > 0 && ['GET', 'HEAD'].includes(viewer.method)
  if (!cacheable) return passed(await askOrigin(edge, request))
  return deliverCached(edge.cache, {
    viewer,
    originalPath,
    policy,
    leastForError: errorCachingMinTtl(edge.distribution.config.CustomErrorResponses),
    compresses: String(behavior.Compress) === 'true',
    ask: (conditions) => askOrigin(edge, request, conditions),
  })
}

async function join(
  { response, signal }: Exchange,
  upgrade: UpgradeRequest,
  accepted: Required<Answer>,
): Promise<void> {
  response.detachSocket(upgrade.socket)
  await tunnel(upgrade, accepted, webSocketIdleTimeout, signal)
}
