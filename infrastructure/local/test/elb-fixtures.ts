import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { createElb } from '../elb/room.ts'
import type { TargetAddress } from '../elb/targets.ts'

export const stack = { stackName: 'Test', stackId: 'arn:aws:cloudformation:stack/Test', tags: {} }

/** Run when the file's tests are done, last one first. */
export const closing: (() => Promise<unknown> | void)[] = []

after(async () => {
  for (const close of closing.toReversed()) await close()
})

interface LoadBalancerOptions {
  loadBalancer?: Record<string, string>
  targetGroup?: Record<string, string>
  healthCheck?: Record<string, unknown>
  deregistrationDelay?: number
  /** Where the bucket of its access logs is. */
  s3Endpoint?: string
}

/** A load balancer with one target group and a listener on port 80, made as CloudFormation makes it. */
export async function loadBalance(options: LoadBalancerOptions = {}) {
  const elb = createElb({
    firstPort: 14_900,
    timings: { healthCheckInterval: 30, deregistrationDelay: options.deregistrationDelay ?? 400 },
    ...(options.s3Endpoint && { s3Endpoint: options.s3Endpoint }),
  })
  closing.push(elb.close)
  const create = async (type: string, properties: Record<string, unknown>) =>
    elb.resourceTypes[`AWS::ElasticLoadBalancingV2::${type}`]!.create({ ...stack, logicalId: type, properties })
  const loadBalancer = await create('LoadBalancer', {
    Name: 'live-quiz',
    LoadBalancerAttributes: attributes(options.loadBalancer),
  })
  const targetGroup = await create('TargetGroup', {
    Name: 'tasks',
    TargetType: 'ip',
    Port: 3000,
    HealthCheckPath: '/health',
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    TargetGroupAttributes: attributes(options.targetGroup),
    ...options.healthCheck,
  })
  const listener = await create('Listener', {
    LoadBalancerArn: loadBalancer.physicalId,
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup.physicalId }],
  })
  const arn = targetGroup.physicalId
  const stateOf = (target: TargetAddress) =>
    elb.targets.health(arn).find(({ id, port }) => id === target.id && port === target.port)
  return {
    elb,
    url: `http://${String(loadBalancer.attributes['DNSName'])}`,
    loadBalancer,
    targetGroup,
    listener,
    create,
    stateOf,
    register: (target: TargetAddress) => elb.targets.register(arn, target),
    deregister: (target: TargetAddress) => elb.targets.deregister(arn, target),
    /** Registers targets and waits until they are healthy. */
    serve: async (...targets: TargetAddress[]) => {
      for (const target of targets) elb.targets.register(arn, target)
      for (const target of targets) await until(() => stateOf(target)?.state === 'healthy')
    },
  }
}

function attributes(values: Record<string, string> = {}) {
  return Object.entries(values).map(([Key, Value]) => ({ Key, Value }))
}

type ServedTarget = TargetAddress & { server: Server }

/** A server on a free port that answers /health with 200. */
export async function startTarget(answer: RequestListener): Promise<ServedTarget> {
  const server = createServer((request, response) => {
    if (request.url === '/health') response.end('ok')
    else answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => closeNow(server))
  return { id: '127.0.0.1', port: (server.address() as AddressInfo).port, server }
}

/** A target whose WebSockets echo and whose pages are its name. */
export async function startEcho(name: string): Promise<ServedTarget> {
  const target = await startTarget((_, response) => response.end(name))
  const sockets = new WebSocketServer({ server: target.server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data as Buffer)))
  return target
}

export function closeNow(server: Server): void {
  server.close()
  server.closeAllConnections()
}

export async function openWebSocket(url: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  socket.on('error', () => {})
  await once(socket, 'open')
  closing.push(() => socket.terminate())
  return socket
}

/** Rejects when the socket is closed before the answer. */
export async function roundTrip(socket: WebSocket, message: string): Promise<string> {
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  socket.send(message)
  const [answer] = (await once(socket, 'message', { signal: closed.signal })) as [Buffer]
  return String(answer)
}

export async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 10) {
    if (holds()) return
    await sleep(10)
  }
  throw new Error(`did not come true within 30 s: ${String(holds)}`)
}
