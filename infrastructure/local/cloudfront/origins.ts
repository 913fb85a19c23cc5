import type { Agent, IncomingMessage } from 'node:http'
import { type HeaderList, without } from '../http/headers.ts'
import { type Answer, answerHeaders } from '../http/upstream.ts'
import type { Cache } from './cache.ts'
import type { Behavior, Origin } from './config.ts'
import { askCustomOrigin } from './custom-origin.ts'
import { forwarded } from './forwarded.ts'
import type { Distribution, CloudFrontModel } from './model.ts'
import type { CachePolicyConfig } from './policies.ts'
import { bucketOf, type OriginAnswer, type S3Origin } from './s3-origin.ts'
import type { ViewerRequest } from './viewer-request.ts'

/** What the edge location of a distribution works with. */
export interface Edge {
  distribution: Distribution
  model: CloudFrontModel
  cache: Cache
  s3: S3Origin
  /** The loopback port of a load balancer inside a VPC; undefined when there is none. */
  portOf: (loadBalancerArn: string) => number | undefined
  /** Connections kept open towards servers. */
  agent: Agent
}

/** A viewer's request that is ready to be answered: its function has run, its behavior's parts are found. */
export interface OriginRequest {
  request: IncomingMessage
  requestId: string
  signal: AbortSignal
  viewer: ViewerRequest
  behavior: Behavior
  origin: Origin
  policy: CachePolicyConfig
}

/**
 * Asks the origin, a bucket or a server.
 * @param conditions the cache's own; absent: the viewer's pass as the policies say
 */
export async function askOrigin(edge: Edge, request: OriginRequest, conditions?: HeaderList): Promise<OriginAnswer> {
  const { viewer, origin, signal } = request
  if (isServer(origin)) return answerOf(await askServer(edge, request, conditions))
  return edge.s3.get({
    method: viewer.method,
    bucket: bucketOf(origin.DomainName),
    path: viewer.path,
    headers: conditions ?? viewer.headers.filter(([name]) => /^(range|if-)/i.test(name)),
    distributionArn: origin.OriginAccessControlId ? edge.distribution.arn : undefined,
    signal,
  })
}

/** Not a bucket. */
export function isServer({ CustomOriginConfig, VpcOriginConfig }: Origin): boolean {
  return CustomOriginConfig !== undefined || VpcOriginConfig !== undefined
}

export function askServer(
  { distribution, model, agent, portOf }: Edge,
  { request, requestId, signal, viewer, behavior, origin, policy }: OriginRequest,
  conditions?: HeaderList,
): Promise<Answer> {
  const cdn = { host: distribution.domainName, requestId }
  const passing = forwarded(viewer, policy, behavior.OriginRequestPolicyId !== undefined, cdn)
  const headers = conditions
    ? [...without(passing.headers, 'range', 'if-range', 'if-none-match', 'if-modified-since'), ...conditions]
    : passing.headers
  const path = `${viewer.path}${passing.query && `?${passing.query}`}`
  const { VpcOriginConfig: inVpc } = origin
  const arn = inVpc && model.vpcOrigins.get(inVpc.VpcOriginId)?.Arn
  // without a load balancer, nothing listens there
  const address = inVpc ? `127.0.0.1:${portOf(arn ?? '') ?? 9}` : origin.DomainName
  return askCustomOrigin(request, origin, address, { ...passing, headers }, path, agent, signal)
}

export function answerOf({ response }: Answer): OriginAnswer {
  return {
    status: response.statusCode ?? 502,
    statusMessage: response.statusMessage ?? '',
    headers: answerHeaders(response),
    body: response,
  }
}
