import { randomBytes } from 'node:crypto'
import { Agent, createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { endToEnd, withHeader, without, type HeaderList } from '../http/headers.ts'
import { responseOn, tunnel, type UpgradeRequest } from '../http/tunnel.ts'
import { answerHeaders, UpstreamFailure, type Answer } from '../http/upstream.ts'
import { allowsMethod, behaviorFor, slashed, withRootObject } from './behaviors.ts'
import type { Cache } from './cache.ts'
import { deliverCached, passed, type Delivery } from './cached-delivery.ts'
import type { Behavior, Origin } from './config.ts'
import { askCustomOrigin, webSocketIdleTimeout } from './custom-origin.ts'
import { runFunction } from './edge-function.ts'
import { errorPage } from './error-pages.ts'
import { forwarded } from './forwarded.ts'
import type { Distribution, Model } from './model.ts'
import type { CachePolicyConfig } from './policies.ts'
import { withPolicy } from './response-headers.ts'
import { bucketOf, type OriginAnswer, type S3Origin } from './s3-origin.ts'
import type { Sandbox } from './sandbox.ts'
import { viewerRequest, type ViewerRequest } from './viewer-request.ts'

/** One exchange with a viewer. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  upgrade: UpgradeRequest | undefined
  requestId: string
  signal: AbortSignal
}

/** A request that is ready to be answered: its function has run, its behavior's parts are at hand. */
interface Prepared {
  viewer: ViewerRequest
  originalPath: string
  behavior: Behavior
  origin: Origin
  policy: CachePolicyConfig
}

/**
 * The data plane of one distribution, to listen on a loopback port: an edge location and its cache. It is plain http and
 * stands for the https side, so a behavior's viewer protocol policy has nothing to redirect.
 */
export function createDistributionServer(
  distribution: Distribution,
  { model, cache, s3, sandbox }: { model: Model; cache: Cache; s3: S3Origin; sandbox: Sandbox },
): Server {
  const agent = new Agent({ keepAlive: true })
  const server = createServer()
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  server.on('request', (request, response) => serve(request, response))
  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket
    socket.on('error', () => socket.destroy())
    serve(request, responseOn(request, socket), { socket, head })
  })
  server.on('close', () => agent.destroy())

  function serve(request: IncomingMessage, response: ServerResponse, upgrade?: UpgradeRequest): void {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const requestId = randomBytes(42).toString('base64url')
    answer({ request, response, upgrade, requestId, signal: gone.signal }).catch((error: unknown) => {
      if (!gone.signal.aborted) console.error(`${distribution.id}: ${request.method} ${request.url}:`, error)
      response.destroy()
    })
  }

  async function answer(exchange: Exchange): Promise<void> {
    const { config } = distribution
    const asked = viewerRequest(exchange.request)
    const behavior = behaviorFor(config, asked.path)
    if (String(config.Enabled) !== 'true') return send(exchange, errorPage('disabled', exchange.requestId))
    if (!allowsMethod(behavior, asked.method)) {
      return send(exchange, errorPage('methodNotAllowed', exchange.requestId))
    }
    const rewritten = await afterFunction(asked, behavior, exchange.requestId)
    if ('xCache' in rewritten) return send(exchange, rewritten, behavior)
    const prepared: Prepared = {
      viewer: { ...rewritten, path: withRootObject(config, rewritten.path) },
      originalPath: asked.path,
      behavior,
      origin: config.Origins.find(({ Id }) => Id === behavior.TargetOriginId)!,
      policy: model.cachePolicies.get(behavior.CachePolicyId!)!,
    }
    try {
      if (exchange.upgrade && prepared.origin.CustomOriginConfig)
        return await join(exchange, exchange.upgrade, prepared)
      await send(exchange, await deliver(exchange, prepared), behavior)
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      const page = error.kind === 'silent' ? 'originSilent' : 'originUnreachable'
      await send(exchange, errorPage(page, exchange.requestId))
    }
  }

  /** The request as the behavior's function leaves it, or the answer that the function gives. */
  async function afterFunction(
    viewer: ViewerRequest,
    behavior: Behavior,
    requestId: string,
  ): Promise<ViewerRequest | Delivery> {
    const arn = behavior.FunctionAssociations?.[0]?.FunctionARN
    const code = arn && model.functions.get(arn)?.liveCode
    if (!code) return viewer
    const outcome = await runFunction(sandbox.run, code, viewer, distribution, requestId)
    if (outcome.kind === 'request') return outcome.request
    if (outcome.kind === 'response') return { ...outcome, xCache: 'FunctionGeneratedResponse from cloudfront' }
    console.error(`${distribution.id}: function ${arn} on ${viewer.path}: ${outcome.reason}`)
    return errorPage('functionFailed', requestId)
  }

  async function deliver(exchange: Exchange, prepared: Prepared): Promise<Delivery> {
    const { viewer, originalPath, behavior, policy } = prepared
    const cacheable = policy.MaxTTL > 0 && ['GET', 'HEAD'].includes(viewer.method)
    if (!cacheable) return passed(await ask(exchange, prepared))
    return deliverCached(cache, {
      viewer,
      originalPath,
      policy,
      compresses: String(behavior.Compress) === 'true',
      ask: (conditions) => ask(exchange, prepared, conditions),
    })
  }

  /** @param conditions the cache's own; absent: the viewer's pass as the policies say */
  async function ask(exchange: Exchange, prepared: Prepared, conditions?: HeaderList): Promise<OriginAnswer> {
    const { viewer, origin } = prepared
    const { signal } = exchange
    if (!origin.CustomOriginConfig) {
      const path = originPath(origin) + viewer.path
      const distributionArn = origin.OriginAccessControlId ? distribution.arn : undefined
      const bucket = bucketOf(origin.DomainName)
      const headers = conditions ?? viewer.headers.filter(([name]) => /^(range|if-)/i.test(name))
      return s3.get({ method: viewer.method, bucket, path, headers, distributionArn, signal })
    }
    const { response } = await askServer(exchange, prepared, conditions)
    return {
      status: response.statusCode ?? 502,
      statusMessage: response.statusMessage ?? '',
      headers: answerHeaders(response),
      body: response,
    }
  }

  function askServer(
    { request, requestId, signal }: Exchange,
    { viewer, behavior, origin, policy }: Prepared,
    conditions?: HeaderList,
  ): Promise<Answer> {
    const originRequestPolicy = model.originRequestPolicies.get(behavior.OriginRequestPolicyId ?? '')
    const cdn = { host: distribution.domainName, requestId }
    const passing = forwarded(viewer, policy, originRequestPolicy, cdn)
    const headers = conditions
      ? [...without(passing.headers, 'range', 'if-range', 'if-none-match', 'if-modified-since'), ...conditions]
      : passing.headers
    const path = `${originPath(origin)}${viewer.path}${passing.query && `?${passing.query}`}`
    return askCustomOrigin(request, origin, { ...passing, headers }, path, agent, signal)
  }

  async function join(exchange: Exchange, upgrade: UpgradeRequest, prepared: Prepared): Promise<void> {
    const answered = await askServer(exchange, prepared)
    if (answered.upgraded) {
      exchange.response.detachSocket(upgrade.socket)
      return tunnel(upgrade, answered as Required<Answer>, webSocketIdleTimeout, exchange.signal)
    }
    const { response } = answered
    const refusal = {
      status: response.statusCode ?? 502,
      statusMessage: response.statusMessage ?? '',
      headers: answerHeaders(response),
      body: response,
    }
    await send(exchange, passed(refusal), prepared.behavior)
  }

  async function send(
    { response, requestId, request }: Exchange,
    delivery: Delivery,
    behavior?: Behavior,
  ): Promise<void> {
    const { status, statusMessage, body, xCache } = delivery
    if (response.destroyed) return
    const policy = model.responseHeadersPolicies.get(behavior?.ResponseHeadersPolicyId ?? '')
    const own: HeaderList = [
      ['X-Cache', xCache],
      ['Via', `1.1 ${distribution.domainName} (CloudFront)`],
      ['X-Amz-Cf-Pop', 'LOCAL'],
      ['X-Amz-Cf-Id', requestId],
    ]
    const headers = own.reduce(
      (list, [name, value]) => withHeader(list, name, value),
      withPolicy(endToEnd(delivery.headers), policy),
    )
    const length: HeaderList = Buffer.isBuffer(body) && status !== 304 ? [['Content-Length', String(body.length)]] : []
    const described = length.length > 0 ? without(headers, 'content-length') : headers
    response.writeHead(status, statusMessage || STATUS_CODES[status], [...described, ...length].flat())
    if (request.method === 'HEAD' || Buffer.isBuffer(body)) {
      if (!Buffer.isBuffer(body)) body.resume()
      response.end(request.method === 'HEAD' ? undefined : body)
      return
    }
    await pipeline(body, response).catch(() => response.destroy())
  }

  return server
}

function originPath({ OriginPath }: Origin): string {
  return OriginPath ? slashed(OriginPath).replace(/\/$/, '') : ''
}
