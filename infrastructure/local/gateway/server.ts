import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Registry } from '../ecr/registry.ts'
import { registryCalls } from '../ecr/registry-calls.ts'
import type { Guard, Judgement } from '../iam/guard.ts'
import { actionName } from './action-name.ts'
import type { CallLog, LoggedCall } from './call-log.ts'
import { failureAnswer } from './failure-answer.ts'
import { createFaults, type Faults } from './faults.ts'
import { serviceIn, type Keys } from './keys.ts'
import { protocols, type Reply } from './protocols.ts'
import { proxy } from './proxy.ts'
import { isTokenRequest, locate, peekBody, readRequest, signatureOf, type Signature } from './request.ts'
import { resourceName } from './resource-name.ts'
import { AwsError, type Call, type Room } from './room.ts'
import { region } from '../settings.ts'

interface GatewayOptions {
  rooms: Room[]
  /** Answers `/v2/…`, the registry that docker pushes to; it has its own login. */
  registry: Registry
  /** Answers everything that has no room. */
  motoEndpoint: string
  keys: Keys
  /** Enforces IAM; undefined: every call is allowed. */
  guard?: Guard
  /** What `GET /_local` answers: no bucket can have that name. */
  status: () => unknown
  /** What a container finds below `/_local`, which is where its metadata is; undefined: nothing. */
  metadata?: (path: string) => Promise<object | undefined>
  /** Addresses to listen on. */
  hosts: string[]
  port: number
  callLog: CallLog
}

export interface Gateway {
  faults: Faults
  close(): Promise<void>
}

/** How a call ended, for the call log. */
type Outcome = Pick<LoggedCall, 'action' | 'resource' | 'needs' | 'status' | 'error' | 'fault'>

/** The one endpoint of the local AWS. Fails with the system's error (EADDRINUSE) when it cannot listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const rooms = new Map(options.rooms.map((room) => [room.signingName, room]))
  const faults = createFaults()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path } = locate(request)
    if (path === '/_local' || path.startsWith('/_local/')) return answerOwn(path, request, response)
    if (path === '/v2' || path.startsWith('/v2/')) return answerRegistry(request, response)

    const start = performance.now()
    const time = new Date().toISOString()
    const requestId = randomUUID()
    const token = (await isTokenRequest(request)) ? tokenSignature : undefined
    const signature = token ?? signatureOf(request)
    const outcome =
      signature && (token || options.keys.accepts(signature.accessKeyId))
        ? await perform(signature, request, response, requestId)
        : refuse(signature, request, response, requestId)
    options.callLog({
      time,
      service: signature?.service ?? '-',
      ...outcome,
      caller: callerOf(signature),
      ms: Math.round(performance.now() - start),
    })
  }

  function callerOf(signature: Pick<Signature, 'accessKeyId'> | undefined): string {
    return signature?.accessKeyId ? options.keys.callerOf(signature.accessKeyId) : 'anonymous'
  }

  /** The registry, whose requests are calls of ECR. */
  async function answerRegistry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now()
    const time = new Date().toISOString()
    const calls = registryCalls(request.method ?? 'GET', request.url ?? '/')
    const holder = options.registry.holderOf(request)
    const caller = holder === undefined ? 'anonymous' : options.keys.callerOf(holder)
    const { needs = [], denial } = (holder && (await options.guard?.judgeRegistry(calls, caller))) || {}
    const [named] = calls
    if (named) {
      response.once('close', () =>
        options.callLog({
          time,
          service: 'ecr',
          action: named[0],
          resource: named[1],
          ...(needs.length > 0 && { needs }),
          caller,
          status: response.statusCode,
          ...(denial && { error: denial.code }),
          ms: Math.round(performance.now() - start),
        }),
      )
    }
    options.registry.answer(request, response, denial?.message)
  }

  /** What is ours alone is not signed, so a web page in the user's browser must not reach it. */
  async function answerOwn(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    // a page's POST carries Origin; its GET, after the page's own name was made to lead here, that name as Host
    const host = request.headers.host?.replace(/:\d+$/, '') ?? ''
    const isPage = request.headers.origin !== undefined || ![...options.hosts, 'localhost'].includes(host)
    if (isPage) return send(response, json(403, { message: 'not for web pages' }))
    if (path === '/_local') return send(response, json(200, options.status()))
    if (path.startsWith('/_local/faults')) return faults.serve(request, response)
    const metadata = await options.metadata?.(path.slice('/_local'.length))
    return send(response, metadata ? json(200, metadata) : json(404, { message: `nothing is at ${path}` }))
  }

  async function perform(
    signature: Signature,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<Outcome> {
    const { service } = signature
    const room = rooms.get(service)
    const { needs: asked, denial, ...named } = await judge(signature, room, request)
    const needs = asked.length > 0 ? { needs: asked } : {}
    if (denial) {
      request.resume()
      const { status, headers, body } = failureAnswer(denial, service, request, requestId)
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
      return { ...named, ...needs, status, error: denial.code }
    }
    const applied = await faults.apply({ service, room, request, response, requestId })
    if (applied?.outcome) return { ...applied.outcome, ...needs, fault: applied.fault }
    const recipient = applied?.discarded ?? response
    const outcome = room
      ? await callRoom(room, signature, request, recipient, requestId)
      : await forward(service, request, recipient, requestId)
    if (applied?.discarded) response.destroy()
    return { ...outcome, ...needs, ...(applied && { fault: applied.fault }) }
  }

  async function judge(
    signature: Signature,
    room: Room | undefined,
    request: IncomingMessage,
  ): Promise<Judgement & Pick<Outcome, 'action' | 'resource'>> {
    if (!options.guard) return { action: '', needs: [] }
    const { service } = signature
    const { path, query } = locate(request)
    const body = await peekBody(request)
    const action = room?.route?.(request.method ?? 'GET', path)?.action ?? actionName(service, request, body)
    const call = { service, action, path, query, headers: request.headers, body }
    const judgement = await options.guard.judge(call, callerOf(signature), serviceIn(request.headers))
    return { action, ...resourceName(service, request, body), ...judgement }
  }

  async function forward(service: string, request: IncomingMessage, response: ServerResponse, requestId: string) {
    const givesKeys = service === 'sts' || service === 'iam'
    try {
      const proxied = await proxy(request, response, options.motoEndpoint, givesKeys)
      if (givesKeys) options.keys.learn(proxied.answer)
      const { requestHead, status } = proxied
      const resource = resourceName(service, request, requestHead)
      return { action: actionName(service, request, requestHead), ...resource, status }
    } catch (error) {
      console.error('moto does not answer:', error)
      const failure = new AwsError('ServiceUnavailable', 'moto, which answers this service, is not running', 503)
      send(response, protocolOf(request).fail(failure, {}, request, requestId))
      return { action: actionName(service, request, ''), status: failure.status, error: failure.code }
    }
  }

  const servers: Server[] = []
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer))
  }
  try {
    for (const host of options.hosts) servers.push(await listen(listener, host, options.port))
  } catch (error) {
    await close()
    throw error
  }
  return { faults, close }
}

/** A caller with the token of an identity provider has no key yet, and does not sign. */
const tokenSignature: Signature = { accessKeyId: '', region, service: 'sts' }

async function callRoom(
  room: Room,
  { accessKeyId }: Signature,
  incoming: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<Outcome> {
  const protocol = protocols[room.protocol]
  const request = await readRequest(incoming)
  const resource = resourceName(room.signingName, incoming, request.body.toString())
  const call: Call = { action: '-', accessKeyId, requestId, reply: { status: 200, headers: {} } }
  try {
    const { action, input } = protocol.read(request, room)
    call.action = action
    const perform = Object.hasOwn(room.actions, action) ? room.actions[action] : undefined
    if (!perform) throw protocol.unknownAction(action)
    const reply = protocol.write(await perform(input, call), room, request, call)
    send(response, reply)
    return { action, ...resource, status: reply.status }
  } catch (error) {
    const failure = error instanceof AwsError ? error : internalFailure(call.action, error)
    send(response, protocol.fail(failure, room, request, requestId))
    return { action: call.action, ...resource, status: failure.status, error: failure.code }
  }
}

/** A bug of ours: the log has its stack, the caller learns where to look. */
function internalFailure(action: string, error: unknown): AwsError {
  console.error(`${new Date().toISOString()} ${action}:`, error)
  return new AwsError('InternalFailure', `a bug in the local AWS, in ${action}: see make local-logs`, 500)
}

/**
 * A request with a foreign key was meant for a real account; a request without one was not signed.
 * The codes are AWS's: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
function refuse(
  signature: Signature | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Outcome {
  request.resume()
  const isJson = protocolOf(request) === protocols.json
  const code = signature
    ? isJson
      ? 'UnrecognizedClientException'
      : 'InvalidClientTokenId'
    : 'MissingAuthenticationToken'
  const fact = signature
    ? 'The security token included in the request is invalid: the local AWS accepts only its own access key'
    : 'The request is not signed'
  const failure = new AwsError(code, `${fact} (make local-shell sets it)`, 403)
  send(response, protocolOf(request).fail(failure, {}, request, requestId))
  return { action: actionName(signature?.service ?? '-', request, ''), status: failure.status, error: code }
}

/** The protocol to fail in where no room says it. */
function protocolOf(request: IncomingMessage) {
  return 'x-amz-target' in request.headers ? protocols.json : protocols.query
}

function json(status: number, body: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

function listen(listener: (request: IncomingMessage, response: ServerResponse) => void, host: string, port: number) {
  return new Promise<Server>((resolve, reject) => {
    const server = createServer(listener)
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
